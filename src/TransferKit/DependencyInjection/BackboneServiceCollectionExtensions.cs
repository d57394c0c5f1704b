using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TransferKit;
using TransferKit.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Backbones from a container: singletons, loaded when first asked for, disposed with it.</summary>
public static class BackboneServiceCollectionExtensions
{
    /// <summary>
    /// Adds the <see cref="WeightStore"/> that all backbones share, with its options. They are an <c>IOptions&lt;TransferKitOptions&gt;</c>:
    /// <c>services.Configure&lt;TransferKitOptions&gt;(configuration.GetSection("TransferKit"))</c> sets them too.
    /// </summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Changes the shared options; optional.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddTransferKit(this IServiceCollection services, Action<TransferKitOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton<IOptionsFactory<BackboneOptions>, BackboneOptionsFactory>();
        services.TryAddSingleton(provider => new WeightStore(Shared(provider).Store with { Services = provider }));
        return services;
    }

    /// <summary>
    /// Adds a backbone as a keyed singleton <see cref="IBackbone"/>; the only one of a container is also had without a key.
    /// It is loaded when first asked for, once however many ask at the same time.
    /// </summary>
    /// <param name="services">The container's services.</param>
    /// <param name="name">Keras' name, <c>xception</c>.</param>
    /// <param name="options">
    /// Its options; when left out, <see cref="TransferKitOptions.Defaults"/> and what <c>Configure&lt;BackboneOptions&gt;(…)</c> says. On top comes
    /// what <c>Configure&lt;BackboneOptions&gt;(key, …)</c> says of this backbone.
    /// </param>
    /// <param name="key">The service's key; the name when left out.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="UnknownNameException">There is no such backbone.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    /// <exception cref="ArgumentException">The key is taken.</exception>
    public static IServiceCollection AddBackbone(
        this IServiceCollection services, string name, BackboneOptions? options = null, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        key ??= name;
        // Options from configuration are complete, and checked, when the backbone is loaded.
        Backbone.Validate(name, options ?? new());
        if (services.Any(s => s.ServiceType == typeof(IBackbone) && s.IsKeyedService && key.Equals(s.ServiceKey)))
            throw new ArgumentException($"A backbone is already registered under the key '{key}': give this one a key of its own.", nameof(key));

        services.AddTransferKit();
        services.AddSingleton(new BackboneRegistration(key, options));
        services.AddKeyedSingleton(key, (provider, _) => Backbone.Load(name, Options(key, provider)));
        if (!services.Any(s => s.ServiceType == typeof(IBackbone) && !s.IsKeyedService))
            services.AddSingleton(provider => TheOnlyOne(services, provider));
        return services;
    }

    // A backbone's own store goes before the shared one.
    private static BackboneOptions Options(string key, IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<BackboneOptions>>().Get(key);
        return options with { Store = (options.Store ?? Shared(provider).Store) with { Services = provider } };
    }

    private static TransferKitOptions Shared(IServiceProvider provider) => provider.GetRequiredService<IOptions<TransferKitOptions>>().Value;

    private static IBackbone TheOnlyOne(IServiceCollection services, IServiceProvider provider)
    {
        var keys = services.Where(s => s.ServiceType == typeof(IBackbone) && s.IsKeyedService).Select(s => s.ServiceKey).ToArray();
        return keys.Length == 1
            ? provider.GetRequiredKeyedService<IBackbone>(keys[0])
            : throw new InvalidOperationException(
                $"There are {keys.Length} backbones ({string.Join(", ", keys)}): ask for one by its key, [FromKeyedServices(\"{keys[0]}\")] IBackbone.");
    }
}
