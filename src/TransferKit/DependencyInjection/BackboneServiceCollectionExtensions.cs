using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TransferKit;
using TransferKit.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds backbones to a container as singletons, which are loaded on first use and disposed with the container.</summary>
public static class BackboneServiceCollectionExtensions
{
    /// <summary>
    /// Adds the <see cref="WeightStore"/> that all backbones share, and its options as <c>IOptions&lt;TransferKitOptions&gt;</c>. To
    /// bind them to configuration, call
    /// <c>services.Configure&lt;TransferKitOptions&gt;(configuration.GetSection("TransferKit"))</c>.
    /// </summary>
    /// <param name="services">The services of the container.</param>
    /// <param name="configure">Optional delegate that changes the shared options.</param>
    /// <returns><paramref name="services"/>, for chained calls.</returns>
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
    /// Adds a backbone as a keyed singleton <see cref="IBackbone"/>. The only backbone of a container is also resolved without a key.
    /// The first request loads it; concurrent requests share one load.
    /// </summary>
    /// <param name="services">The services of the container.</param>
    /// <param name="name">Keras' name, such as <c>xception</c>.</param>
    /// <param name="options">
    /// The options to load it with. Defaults to <see cref="TransferKitOptions.Defaults"/> with <c>Configure&lt;BackboneOptions&gt;(…)</c>
    /// applied. <c>Configure&lt;BackboneOptions&gt;(key, …)</c> is applied in either case.
    /// </param>
    /// <param name="key">The key of the service. Defaults to <paramref name="name"/>.</param>
    /// <returns><paramref name="services"/>, for chained calls.</returns>
    /// <exception cref="UnknownNameException">No backbone has this name.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    /// <exception cref="ArgumentException">Another backbone has this key.</exception>
    // Without the attribute, AddBackbone("vgg16", new() { … }) would be ambiguous: new() can also create a delegate.
    [OverloadResolutionPriority(1)]
    public static IServiceCollection AddBackbone(
        this IServiceCollection services, string name, BackboneOptions? options = null, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        key ??= name;
        // Configured options are only complete when the backbone is loaded, and are checked then.
        Backbone.Validate(name, options ?? new());
        Add(services, key, provider => Backbone.Load(name, Options(key, provider)));
        return services.AddSingleton(new BackboneRegistration(key, options));
    }

    /// <summary>
    /// Adds a backbone that the caller loads, such as an <c>.onnx</c> file or a model of Keras, as a keyed singleton
    /// <see cref="IBackbone"/>. The first request loads it, and the container disposes it.
    /// </summary>
    /// <param name="services">The services of the container.</param>
    /// <param name="key">The key of the service.</param>
    /// <param name="load">A function that loads the backbone.</param>
    /// <returns><paramref name="services"/>, for chained calls.</returns>
    /// <exception cref="ArgumentException">Another backbone has this key.</exception>
    /// <example><code>services.AddBackbone("dinov2", _ => Backbone.FromOnnx("dinov2/model.onnx"));</code></example>
    public static IServiceCollection AddBackbone(
        this IServiceCollection services, string key, Func<IServiceProvider, IBackbone> load)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(load);
        Add(services, key, load);
        return services;
    }

    private static void Add(IServiceCollection services, string key, Func<IServiceProvider, IBackbone> load)
    {
        if (services.Any(s => s.ServiceType == typeof(IBackbone) && s.IsKeyedService && key.Equals(s.ServiceKey)))
            throw new ArgumentException($"A backbone with the key '{key}' is already registered: pass another key.", nameof(key));
        services.AddTransferKit();
        services.AddKeyedSingleton(key, (provider, _) => load(provider));
        if (!services.Any(s => s.ServiceType == typeof(IBackbone) && !s.IsKeyedService))
            services.AddSingleton(provider => TheOnlyOne(services, provider));
    }

    // The store and the decoder of a backbone's own options override the shared ones.
    private static BackboneOptions Options(string key, IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<BackboneOptions>>().Get(key);
        var shared = Shared(provider);
        return options with
        {
            Store = (options.Store ?? shared.Store) with { Services = provider },
            Images = shared.Decoder is { } decoder ? options.Images.WithUsualDecoder(decoder) : options.Images,
        };
    }

    private static TransferKitOptions Shared(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<TransferKitOptions>>().Value;

    private static IBackbone TheOnlyOne(IServiceCollection services, IServiceProvider provider)
    {
        var keys = services.Where(s => s.ServiceType == typeof(IBackbone) && s.IsKeyedService).Select(s => s.ServiceKey).ToArray();
        return keys.Length == 1
            ? provider.GetRequiredKeyedService<IBackbone>(keys[0])
            : throw new InvalidOperationException(
                $"There are {keys.Length} backbones ({string.Join(", ", keys)}): resolve one by its key, "
                + $"[FromKeyedServices(\"{keys[0]}\")] IBackbone.");
    }
}
