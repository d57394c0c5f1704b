using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace TransferKit.Hosting;

/// <summary>Adds one backbone of the configuration, and validates its options with those that it inherits.</summary>
/// <param name="key">The key of the service.</param>
/// <param name="network">Keras' name of the network.</param>
/// <param name="path">The path of the section.</param>
internal sealed class BackboneSection(string key, string network, string path) : IValidateOptions<BackboneOptions>
{
    private const string Name = "Name";

    [RequiresDynamicCode("The binder of configuration needs it.")]
    [RequiresUnreferencedCode("The binder of configuration needs it.")]
    public static void AddTo(IServiceCollection services, IConfigurationSection section)
    {
        var network = section[Name] ?? section.Key;
        try
        {
            services.AddBackbone(network, key: section.Key);
        }
        catch (UnknownNameException e)
        {
            throw StrictBinder.Fault(typeof(BackboneOptions), section.Key, section, e.Message);
        }
        services.AddSingleton<IValidateOptions<BackboneOptions>>(new BackboneSection(section.Key, network, section.Path));
        services.AddOptions<BackboneOptions>(section.Key)
            .Configure(options => StrictBinder.Bind(section, options, section.Key, except: Name))
            .ValidateOnStart();
    }

    public ValidateOptionsResult Validate(string? name, BackboneOptions options)
    {
        if (name != key)
            return ValidateOptionsResult.Skip;
        try
        {
            // The layer table needs neither weights nor a session, only options that fit.
            Backbone.Summary(network, options);
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException e)
        {
            return ValidateOptionsResult.Fail($"{path}: {e.Message}");
        }
    }
}
