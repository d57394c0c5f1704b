using Microsoft.Extensions.Options;

namespace TransferKit.DependencyInjection;

/// <summary>Represents a backbone that was added to a container.</summary>
/// <param name="Key">The key of the service.</param>
/// <param name="Options">The options that it was added with; null for the defaults.</param>
internal sealed record BackboneRegistration(string Key, BackboneOptions? Options);

/// <summary>
/// Creates the options of a key: those that the backbone was added with, otherwise the unnamed options, which start from
/// <see cref="TransferKitOptions.Defaults"/>. The configuration of the key is applied last.
/// </summary>
internal sealed class BackboneOptionsFactory(
    IOptions<TransferKitOptions> shared, IEnumerable<BackboneRegistration> registrations,
    IEnumerable<IConfigureOptions<BackboneOptions>> setups,
    IEnumerable<IPostConfigureOptions<BackboneOptions>> postConfigures, IEnumerable<IValidateOptions<BackboneOptions>> validations)
    : OptionsFactory<BackboneOptions>(setups, postConfigures, validations)
{
    protected override BackboneOptions CreateInstance(string name)
    {
        if (name == Options.DefaultName)
            return shared.Value.Defaults.Copy();
        return (registrations.FirstOrDefault(r => r.Key == name)?.Options ?? Create(Options.DefaultName)).Copy();
    }
}
