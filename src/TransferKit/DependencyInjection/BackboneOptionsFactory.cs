using Microsoft.Extensions.Options;

namespace TransferKit.DependencyInjection;

/// <summary>A backbone that was added to a container.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Options">The options it was added with; null for the defaults.</param>
internal sealed record BackboneRegistration(string Key, BackboneOptions? Options);

/// <summary>
/// Creates the options of a key: those the backbone was added with, else the options without a name, which start from
/// <see cref="TransferKitOptions.Defaults"/>. What is configured for the key comes on top.
/// </summary>
internal sealed class BackboneOptionsFactory(
    IOptions<TransferKitOptions> shared, IEnumerable<BackboneRegistration> registrations, IEnumerable<IConfigureOptions<BackboneOptions>> setups,
    IEnumerable<IPostConfigureOptions<BackboneOptions>> postConfigures, IEnumerable<IValidateOptions<BackboneOptions>> validations)
    : OptionsFactory<BackboneOptions>(setups, postConfigures, validations)
{
    protected override BackboneOptions CreateInstance(string name)
    {
        if (name == Options.DefaultName)
            return shared.Value.Defaults with { };
        // A copy, since configuration writes into the instance.
        return (registrations.FirstOrDefault(r => r.Key == name)?.Options ?? Create(Options.DefaultName)) with { };
    }
}
