using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TransferKit;
using TransferKit.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds backbones that configuration names, and loads them when the host starts.</summary>
public static class TransferKitHostingServiceCollectionExtensions
{
    /// <summary>
    /// Adds the shared options, and a backbone for each entry of <c>Backbones</c>, as <c>AddBackbone</c> does. Weights are downloaded by
    /// the client <see cref="TransferKitOptions.HttpClientName"/> of <c>IHttpClientFactory</c>. When the host starts, all options are
    /// validated, and unknown keys are errors.
    /// </summary>
    /// <param name="services">The services of the container.</param>
    /// <param name="configuration">
    /// The section with <c>Store</c> (<see cref="WeightStoreOptions"/>), <c>Defaults</c> (<see cref="BackboneOptions"/>) and
    /// <c>Backbones</c>, all optional. A key of <c>Backbones</c> is the key of the service; its value holds <see cref="BackboneOptions"/>
    /// on top of the defaults, and <c>Name</c>, Keras' name of the network, which defaults to the key.
    /// </param>
    /// <returns><paramref name="services"/>, for chained calls.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">
    /// No backbone has a name that the section names. For other faults of the section, the start of the host throws it, or an
    /// <see cref="AggregateException"/> of several.
    /// </exception>
    /// <exception cref="ArgumentException">Another backbone has the same key.</exception>
    /// <example>
    /// <code>
    /// builder.Services.AddTransferKit(builder.Configuration.GetSection("TransferKit"));
    /// // "TransferKit": { "Backbones": { "features": { "Name": "resnet50", "IncludeTop": false, "Pooling": "Avg" } } }
    /// </code>
    /// </example>
    [RequiresDynamicCode(BoundByReflection), RequiresUnreferencedCode(BoundByReflection)]
    public static IServiceCollection AddTransferKit(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddTransferKit();
        services.AddHttpClient(TransferKitOptions.HttpClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30) })
            .AddAsKeyed();
        SharedSection.AddTo(services, configuration);
        foreach (var entry in configuration.GetSection(SharedSection.Backbones).GetChildren())
            BackboneSection.AddTo(services, entry);
        return services;
    }

    /// <summary>
    /// Loads every keyed backbone of the container in the background once the host starts, and runs one black image through each, so
    /// that the first request finds it warm. A failure is logged, and does not stop the host; the health check reports it.
    /// </summary>
    /// <param name="services">The services of the container.</param>
    /// <returns><paramref name="services"/>, for chained calls.</returns>
    public static IServiceCollection AddBackboneWarmUp(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<BackboneLoads>();
        // The keys are read when the host starts, so that backbones may be added after this call.
        services.TryAddSingleton(new BackboneKeys(services));
        return services.AddHostedService<BackboneWarmUp>();
    }

    private const string BoundByReflection =
        "Configuration is bound by reflection. Where code is trimmed or compiled ahead of time, call AddBackbone with options in code.";
}
