using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;

namespace TransferKit.Extensions.AI;

/// <summary>
/// Generates the embeddings of encoded images, such as the bytes of a JPEG, by a backbone: its features are the vectors. It is
/// thread-safe.
/// </summary>
/// <remarks>
/// An image is prepared as the backbone's <see cref="IBackbone.Images"/> say. Images of one call are decoded and run on all cores.
/// <see cref="GetService"/> finds the <see cref="IBackbone"/>, what it offers itself, and the <see cref="EmbeddingGeneratorMetadata"/>.
/// </remarks>
public sealed class BackboneEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    private const string Provider = "transferkit";

    private readonly IBackbone _backbone;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>Initializes a generator on a backbone, which the caller disposes.</summary>
    /// <param name="backbone">A backbone with one output, a vector: loaded with <c>pooling: Avg</c>, say.</param>
    /// <exception cref="ArgumentException">The backbone has several outputs, or a map.</exception>
    public BackboneEmbeddingGenerator(IBackbone backbone)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        if (backbone.Outputs.Count != 1 || backbone.Outputs[0].Shape.Count != 1)
        {
            throw new ArgumentException(
                $"An embedding is one vector, and {backbone.Name} gives {string.Join(" and ", backbone.Outputs)}: "
                + "load it with includeTop: false and pooling: Avg, or with one layer that is a vector.",
                nameof(backbone));
        }
        _backbone = backbone;
        _metadata = new(Provider, defaultModelId: backbone.Name, defaultModelDimensions: backbone.Outputs[0].Shape[0]);
    }

    /// <summary>Generates an embedding for each image, in the same order.</summary>
    /// <param name="values">
    /// Encoded images. A name is used in messages; the media type plays no part, because the bytes tell the format.
    /// </param>
    /// <param name="options">A model and a number of dimensions, if given, must be those of the backbone.</param>
    /// <param name="cancellationToken">Token to cancel decoding and running.</param>
    /// <exception cref="ImageDecodeException">
    /// The content at an index is not a readable image.
    /// </exception>
    /// <exception cref="NotSupportedException">The options name another model or number of dimensions.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        Check(options);
        DataContent[] images = [.. values];
        return Task.Run(() => Generate(images, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(_metadata) ? _metadata
            : serviceKey is null && serviceType.IsInstanceOfType(this) ? this
            : _backbone.GetService(serviceType, serviceKey);
    }

    /// <summary>Does nothing: the caller owns the backbone.</summary>
    public void Dispose()
    {
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(DataContent[] images, CancellationToken cancellationToken)
    {
        var embeddings = new Embedding<float>[images.Length];
        try
        {
            // Single images of concurrent callers share the cores: while one is decoded, others run.
            Parallel.For(0, images.Length,
                new() { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
                i => embeddings[i] = Generate(images[i], i, cancellationToken));
        }
        catch (AggregateException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // All failures have the same cure, so the first speaks for them.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        return [.. embeddings];
    }

    private Embedding<float> Generate(DataContent image, int index, CancellationToken cancellationToken)
    {
        var name = image?.Name ?? string.Create(CultureInfo.InvariantCulture, $"Image {index}");
        if (image is null)
            throw new ImageDecodeException(ImageDecodeError.Empty, name, "the value is null.");
        using var content = MemoryMarshal.TryGetArray(image.Data, out var bytes)
            ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
            : new MemoryStream(image.Data.ToArray(), writable: false);
        try
        {
            var features = _backbone.Predict(content, options: null, cancellationToken);
            return new(features.Row(0)) { ModelId = _backbone.Name, CreatedAt = DateTimeOffset.UtcNow };
        }
        catch (ImageDecodeException e) when (e.ImageName is null)
        {
            throw new ImageDecodeException(e.Reason, name, e.Detail, e);
        }
    }

    private void Check(EmbeddingGenerationOptions? options)
    {
        if (options?.ModelId is { } model && model != _backbone.Name)
        {
            throw new NotSupportedException(
                $"This generator runs {_backbone.Name}, and the options ask for the model '{model}': leave ModelId out.");
        }

        if (options?.Dimensions is { } dimensions && dimensions != _metadata.DefaultModelDimensions)
        {
            throw new NotSupportedException(
                $"{_backbone.Name} gives {_metadata.DefaultModelDimensions} dimensions, and the options ask for {dimensions}: "
                + "leave Dimensions out.");
        }
    }
}
