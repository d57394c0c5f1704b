using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace TransferKit.Hosting;

/// <summary>Binds the part of the configuration that all backbones share, and validates it.</summary>
internal sealed class SharedSection : IValidateOptions<TransferKitOptions>
{
    public const string Backbones = "Backbones";

    private const string Store = nameof(TransferKitOptions.Store);
    private const string Defaults = nameof(TransferKitOptions.Defaults);

    [RequiresDynamicCode("The binder of configuration needs it.")]
    [RequiresUnreferencedCode("The binder of configuration needs it.")]
    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<TransferKitOptions>, SharedSection>();
        services.AddOptions<TransferKitOptions>()
            .Configure(options =>
            {
                var unknown = configuration.GetChildren().Select(c => c.Key)
                    .Except([Store, Defaults, Backbones], StringComparer.OrdinalIgnoreCase).ToArray();
                if (unknown.Length > 0)
                {
                    throw StrictBinder.Fault(typeof(TransferKitOptions), Options.DefaultName, configuration,
                        $"the keys {string.Join(", ", unknown)} are unknown; known are {Store}, {Defaults} and {Backbones}.");
                }
                // The binder writes into the object, which may be the caller's.
                options.Store = options.Store with { };
                StrictBinder.Bind(configuration.GetSection(Store), options.Store, Options.DefaultName);
            });
        // The defaults start from the shared options, so their validation includes those.
        services.AddOptions<BackboneOptions>()
            .Configure(options => StrictBinder.Bind(configuration.GetSection(Defaults), options, Options.DefaultName))
            .ValidateOnStart();
    }

    public ValidateOptionsResult Validate(string? name, TransferKitOptions options)
    {
        try
        {
            // The constructor checks the options, and touches no file.
            _ = new WeightStore(options.Store);
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException e)
        {
            return ValidateOptionsResult.Fail($"{Store}: {e.Message}");
        }
    }
}
