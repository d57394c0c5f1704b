using System.Runtime.InteropServices;
using TransferKit.Backbones;
using TransferKit.Imaging;

namespace TransferKit;

/// <summary>Runs backbones on image files, streams and pixels of any size, which are resized to the backbone's input size first.</summary>
public static class BackboneImageExtensions
{
    private const int BatchSize = 32;

    /// <summary>Runs one image.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="image">An image of any size.</param>
    /// <param name="options">The options to resize it with. Defaults to <see cref="IBackbone.Images"/>.</param>
    /// <param name="cancellationToken">Token to cancel the run.</param>
    /// <returns>The output, with a batch dimension of 1.</returns>
    public static FeatureTensor Predict(
        this IBackbone backbone, RgbImage image, ImageLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        var fitting = Fitting(backbone, options);
        return fitting.Predict(backbone, Pixels(fitting, image, cancellationToken), cancellationToken);
    }

    /// <summary>Runs one image file.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="path">The path of an image file. The format is detected from the content, not from the name.</param>
    /// <param name="options">The options to decode and resize it with. Defaults to <see cref="IBackbone.Images"/>.</param>
    /// <param name="cancellationToken">Token to cancel the run.</param>
    /// <returns>The output, with a batch dimension of 1.</returns>
    /// <exception cref="ImageDecodeException">The file is empty, truncated, too large or not an image.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, string path, ImageLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        var fitting = Fitting(backbone, options);
        return fitting.Predict(backbone, Pixels(fitting, path, cancellationToken), cancellationToken);
    }

    /// <summary>Runs one encoded image from a stream.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="stream">The stream of an encoded image, read to its end. The caller disposes it.</param>
    /// <param name="options">The options to decode and resize it with. Defaults to <see cref="IBackbone.Images"/>.</param>
    /// <param name="cancellationToken">Token to cancel the run.</param>
    /// <returns>The output, with a batch dimension of 1.</returns>
    /// <exception cref="ImageDecodeException">The stream is empty, truncated, too large or not an image.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, Stream stream, ImageLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        var fitting = Fitting(backbone, options);
        return fitting.Predict(backbone, Pixels(fitting, stream, cancellationToken), cancellationToken);
    }

    /// <summary>Runs one image and returns every output by its layer's name.</summary>
    /// <inheritdoc cref="Predict(IBackbone, RgbImage, ImageLoadOptions?, CancellationToken)" path="/param"/>
    public static IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        this IBackbone backbone, RgbImage image, ImageLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        var fitting = Fitting(backbone, options);
        return fitting.PredictAll(backbone, Pixels(fitting, image, cancellationToken), cancellationToken);
    }

    /// <summary>Runs one image file and returns every output by its layer's name.</summary>
    /// <inheritdoc cref="Predict(IBackbone, string, ImageLoadOptions?, CancellationToken)" path="/param|/exception"/>
    public static IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        this IBackbone backbone, string path, ImageLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        var fitting = Fitting(backbone, options);
        return fitting.PredictAll(backbone, Pixels(fitting, path, cancellationToken), cancellationToken);
    }

    /// <summary>Runs one encoded image from a stream and returns every output by its layer's name.</summary>
    /// <inheritdoc cref="Predict(IBackbone, Stream, ImageLoadOptions?, CancellationToken)" path="/param|/exception"/>
    public static IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        this IBackbone backbone, Stream stream, ImageLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        var fitting = Fitting(backbone, options);
        return fitting.PredictAll(backbone, Pixels(fitting, stream, cancellationToken), cancellationToken);
    }

    /// <summary>Runs several images in batches of 32.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="images">Images of any sizes.</param>
    /// <param name="options">The options to resize them with. Defaults to <see cref="IBackbone.Images"/>.</param>
    /// <param name="cancellationToken">Token to cancel the decoding and the run.</param>
    /// <returns>The output, with a row for each image in the same order.</returns>
    /// <exception cref="ArgumentException">The sequence is empty.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, IEnumerable<RgbImage> images, ImageLoadOptions? options = null,
        CancellationToken cancellationToken = default) =>
        InBatches(backbone, images, Pixels, options, cancellationToken);

    /// <summary>Runs several image files in batches of 32.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="paths">The paths of image files.</param>
    /// <param name="options">The options to decode and resize them with. Defaults to <see cref="IBackbone.Images"/>.</param>
    /// <param name="cancellationToken">Token to cancel the decoding and the run.</param>
    /// <returns>The output, with a row for each file in the same order.</returns>
    /// <exception cref="ArgumentException">The sequence is empty.</exception>
    /// <exception cref="ImageDecodeException">A file is empty, truncated, too large or not an image.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, IEnumerable<string> paths, ImageLoadOptions? options = null,
        CancellationToken cancellationToken = default) =>
        InBatches(backbone, paths, Pixels, options, cancellationToken);

    private static ImageFitting Fitting(IBackbone backbone, ImageLoadOptions? options)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        return (options ?? backbone.Images).FittingTo(backbone.InputSize);
    }

    private static ReadOnlySpan<byte> Pixels(ImageFitting fitting, RgbImage image, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        return fitting.Fit(image, cancellationToken).Span;
    }

    private static ReadOnlySpan<byte> Pixels(ImageFitting fitting, string path, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return fitting.Load(path, cancellationToken);
    }

    private static ReadOnlySpan<byte> Pixels(ImageFitting fitting, Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return fitting.Load(stream, cancellationToken);
    }

    private delegate ReadOnlySpan<byte> ToPixels<T>(ImageFitting fitting, T source, CancellationToken cancellationToken);

    private static FeatureTensor InBatches<T>(
        IBackbone backbone, IEnumerable<T> sources, ToPixels<T> toPixels, ImageLoadOptions? options, CancellationToken cancellationToken)
    {
        var fitting = Fitting(backbone, options);
        ArgumentNullException.ThrowIfNull(sources);
        var parts = new List<FeatureTensor>();
        foreach (var chunk in sources.Chunk(BatchSize))
        {
            var pixels = new List<byte>(chunk.Length * fitting.Length);
            foreach (var source in chunk)
            {
                cancellationToken.ThrowIfCancellationRequested();
                pixels.AddRange(toPixels(fitting, source, cancellationToken));
            }
            parts.Add(fitting.Predict(backbone, CollectionsMarshal.AsSpan(pixels), cancellationToken));
        }
        if (parts.Count == 0)
            throw new ArgumentException("The sequence of images is empty: pass at least one.", nameof(sources));
        return parts.Count == 1
            ? parts[0]
            : new([parts.Sum(p => p.Count), .. parts[0].Shape.Skip(1)], [.. parts.SelectMany(p => p.ToArray())]);
    }
}
