using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace TransferKit.Extensions.AI;

/// <summary>Offers backbones as embedding generators of Microsoft.Extensions.AI.</summary>
public static class BackboneEmbeddingExtensions
{
    /// <summary>Creates an embedding generator on a backbone, which the caller disposes.</summary>
    /// <param name="backbone">A backbone with one output, a vector.</param>
    /// <exception cref="ArgumentException">The backbone has several outputs, or a map.</exception>
    public static IEmbeddingGenerator<DataContent, Embedding<float>> AsIEmbeddingGenerator(this IBackbone backbone) =>
        new BackboneEmbeddingGenerator(backbone);

    /// <summary>
    /// Adds a backbone and its embedding generator, an <c>IEmbeddingGenerator&lt;DataContent, Embedding&lt;float&gt;&gt;</c>, as
    /// singletons.
    /// </summary>
    /// <param name="services">The services of the container.</param>
    /// <param name="name">Keras' name, such as <c>resnet50</c>.</param>
    /// <param name="options">The options to load it with. Defaults to no top and average pooling.</param>
    /// <param name="key">
    /// The key of both services. Defaults to null: the generator is then resolved without a key, and the backbone by its name.
    /// </param>
    /// <returns><paramref name="services"/>, for chained calls.</returns>
    /// <exception cref="UnknownNameException">No backbone has this name.</exception>
    /// <exception cref="BackboneOptionsException">The options do not fit each other or the backbone.</exception>
    /// <exception cref="ArgumentException">Another backbone has this key.</exception>
    /// <example>
    /// <code>
    /// services.AddBackboneEmbeddings("resnet50");
    /// // With Microsoft.Extensions.AI's decorators:
    /// services.AddBackbone("resnet50", new() { IncludeTop = false, Pooling = Pooling.Avg });
    /// services.AddEmbeddingGenerator(p => p.GetRequiredService&lt;IBackbone&gt;().AsIEmbeddingGenerator()).UseDistributedCache();
    /// </code>
    /// </example>
    public static IServiceCollection AddBackboneEmbeddings(
        this IServiceCollection services, string name, BackboneOptions? options = null, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        services.AddBackbone(name, options ?? new() { IncludeTop = false, Pooling = Pooling.Avg }, key);
        if (key is null)
            return services.AddSingleton(provider => Generator(provider, name));
        return services.AddKeyedSingleton(key, (provider, _) => Generator(provider, key));
    }

    private static IEmbeddingGenerator<DataContent, Embedding<float>> Generator(IServiceProvider provider, string key) =>
        provider.GetRequiredKeyedService<IBackbone>(key).AsIEmbeddingGenerator();
}
