using TransferKit;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Backbones from a container: singletons, loaded when first asked for, disposed with it.</summary>
public static class BackboneServiceCollectionExtensions
{
    /// <summary>Sets what all backbones share, and adds the <see cref="WeightStore"/> that they share. Calling it is optional.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Changes the shared options; may be left out.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddTransferKit(this IServiceCollection services, Action<TransferKitOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        configure?.Invoke(Shared(services));
        return services;
    }

    /// <summary>
    /// Adds a backbone as a keyed singleton <see cref="IBackbone"/>; the only one of a container is also had without a key.
    /// It is loaded when first asked for, once however many ask at the same time.
    /// </summary>
    /// <param name="services">The container's services.</param>
    /// <param name="name">Keras' name, <c>xception</c>.</param>
    /// <param name="options">Its options; the shared defaults when left out.</param>
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
        var shared = Shared(services);
        Backbone.Validate(name, options ?? shared.Defaults);
        if (services.Any(s => s.ServiceType == typeof(IBackbone) && s.IsKeyedService && key.Equals(s.ServiceKey)))
            throw new ArgumentException($"A backbone is already registered under the key '{key}': give this one a key of its own.", nameof(key));

        services.AddKeyedSingleton(key, (provider, _) => Backbone.Load(name, With(options ?? shared.Defaults, shared.Store, provider)));
        if (!services.Any(s => s.ServiceType == typeof(IBackbone) && !s.IsKeyedService))
            services.AddSingleton(provider => TheOnlyOne(services, provider));
        return services;
    }

    // A backbone's own store goes before the shared one.
    private static BackboneOptions With(BackboneOptions options, WeightStoreOptions store, IServiceProvider provider) =>
        options with { Store = (options.Store ?? store) with { Services = provider } };

    private static TransferKitOptions Shared(IServiceCollection services)
    {
        if (services.FirstOrDefault(s => s.ServiceType == typeof(TransferKitOptions))?.ImplementationInstance is TransferKitOptions known)
            return known;
        var options = new TransferKitOptions();
        services.AddSingleton(options);
        services.AddSingleton(provider => new WeightStore(options.Store with { Services = provider }));
        return options;
    }

    private static IBackbone TheOnlyOne(IServiceCollection services, IServiceProvider provider)
    {
        var keys = services.Where(s => s.ServiceType == typeof(IBackbone) && s.IsKeyedService).Select(s => s.ServiceKey).ToArray();
        return keys.Length == 1
            ? provider.GetRequiredKeyedService<IBackbone>(keys[0])
            : throw new InvalidOperationException(
                $"There are {keys.Length} backbones ({string.Join(", ", keys)}): ask for one by its key, [FromKeyedServices(\"{keys[0]}\")] IBackbone.");
    }
}
