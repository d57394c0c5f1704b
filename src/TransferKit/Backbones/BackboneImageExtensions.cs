using System.Runtime.InteropServices;
using TransferKit.Architectures;
using TransferKit.Imaging;

namespace TransferKit;

/// <summary>Images in, numbers out: files, streams and pixels of any size, brought to the backbone's input size first.</summary>
public static class BackboneImageExtensions
{
    private const int BatchSize = 32;

    /// <summary>Runs one image.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="image">RGB pixels of any size.</param>
    /// <param name="options">How it is resized; <see cref="IBackbone.Images"/> when left out.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The output, with a batch dimension of 1.</returns>
    public static FeatureTensor Predict(
        this IBackbone backbone, RgbImage image, ImageLoadOptions? options = null, CancellationToken cancellationToken = default) =>
        Checked(backbone).Predict(Pixels(backbone, image, options, cancellationToken), cancellationToken);

    /// <summary>Runs one image file.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="path">A JPEG, PNG, WebP, BMP, GIF (first frame) or TIFF (first page); told by content, not by name.</param>
    /// <param name="options">How it is decoded and resized; <see cref="IBackbone.Images"/> when left out.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The output, with a batch dimension of 1.</returns>
    /// <exception cref="ImageDecodeException">The file is empty, cut off, too large or no image.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, string path, ImageLoadOptions? options = null, CancellationToken cancellationToken = default) =>
        Checked(backbone).Predict(Pixels(backbone, path, options, cancellationToken), cancellationToken);

    /// <summary>Runs one encoded image from a stream.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="stream">An image's bytes, read to the end; the caller disposes it.</param>
    /// <param name="options">How it is decoded and resized; <see cref="IBackbone.Images"/> when left out.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The output, with a batch dimension of 1.</returns>
    /// <exception cref="ImageDecodeException">The stream is empty, cut off, too large or no image.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, Stream stream, ImageLoadOptions? options = null, CancellationToken cancellationToken = default) =>
        Checked(backbone).Predict(Pixels(backbone, stream, options, cancellationToken), cancellationToken);

    /// <summary>Runs one image and gives every output, by layer name.</summary>
    /// <inheritdoc cref="Predict(IBackbone, RgbImage, ImageLoadOptions?, CancellationToken)" path="/param"/>
    public static IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        this IBackbone backbone, RgbImage image, ImageLoadOptions? options = null, CancellationToken cancellationToken = default) =>
        Checked(backbone).PredictAll(Pixels(backbone, image, options, cancellationToken), cancellationToken);

    /// <summary>Runs one image file and gives every output, by layer name.</summary>
    /// <inheritdoc cref="Predict(IBackbone, string, ImageLoadOptions?, CancellationToken)" path="/param|/exception"/>
    public static IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        this IBackbone backbone, string path, ImageLoadOptions? options = null, CancellationToken cancellationToken = default) =>
        Checked(backbone).PredictAll(Pixels(backbone, path, options, cancellationToken), cancellationToken);

    /// <summary>Runs one encoded image from a stream and gives every output, by layer name.</summary>
    /// <inheritdoc cref="Predict(IBackbone, Stream, ImageLoadOptions?, CancellationToken)" path="/param|/exception"/>
    public static IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        this IBackbone backbone, Stream stream, ImageLoadOptions? options = null, CancellationToken cancellationToken = default) =>
        Checked(backbone).PredictAll(Pixels(backbone, stream, options, cancellationToken), cancellationToken);

    /// <summary>Runs several images, 32 at a time.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="images">RGB pixels of any sizes.</param>
    /// <param name="options">How they are resized; <see cref="IBackbone.Images"/> when left out.</param>
    /// <param name="cancellationToken">Stops the decoding and the run.</param>
    /// <returns>The output, one row for each image in their order.</returns>
    /// <exception cref="ArgumentException">There is no image.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, IEnumerable<RgbImage> images, ImageLoadOptions? options = null, CancellationToken cancellationToken = default) =>
        InBatches(backbone, images, Pixels, options, cancellationToken);

    /// <summary>Runs several image files, 32 at a time.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="paths">Image files.</param>
    /// <param name="options">How they are decoded and resized; <see cref="IBackbone.Images"/> when left out.</param>
    /// <param name="cancellationToken">Stops the decoding and the run.</param>
    /// <returns>The output, one row for each file in their order.</returns>
    /// <exception cref="ArgumentException">There is no file.</exception>
    /// <exception cref="ImageDecodeException">A file is empty, cut off, too large or no image.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, IEnumerable<string> paths, ImageLoadOptions? options = null, CancellationToken cancellationToken = default) =>
        InBatches(backbone, paths, Pixels, options, cancellationToken);

    private static IBackbone Checked(IBackbone backbone)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        return backbone;
    }

    private static ReadOnlySpan<byte> Pixels(IBackbone backbone, RgbImage image, ImageLoadOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Fitting(backbone, options).Fit(image, cancellationToken);
    }

    private static ReadOnlySpan<byte> Pixels(IBackbone backbone, string path, ImageLoadOptions? options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Fitting(backbone, options).Load(path, cancellationToken);
    }

    private static ReadOnlySpan<byte> Pixels(IBackbone backbone, Stream stream, ImageLoadOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Fitting(backbone, options).Load(stream, cancellationToken);
    }

    private static ImageFitting Fitting(IBackbone backbone, ImageLoadOptions? options) =>
        (options ?? backbone.Images).FittingTo(backbone.InputSize);

    private delegate ReadOnlySpan<byte> ToPixels<T>(
        IBackbone backbone, T source, ImageLoadOptions? options, CancellationToken cancellationToken);

    private static FeatureTensor InBatches<T>(
        IBackbone backbone, IEnumerable<T> sources, ToPixels<T> toPixels, ImageLoadOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(sources);
        var parts = new List<FeatureTensor>();
        foreach (var chunk in sources.Chunk(BatchSize))
        {
            var pixels = new List<byte>();
            foreach (var source in chunk)
            {
                cancellationToken.ThrowIfCancellationRequested();
                pixels.AddRange(toPixels(backbone, source, options, cancellationToken));
            }
            parts.Add(backbone.Predict(CollectionsMarshal.AsSpan(pixels), cancellationToken));
        }
        if (parts.Count == 0)
            throw new ArgumentException("There is no image to run: the sequence is empty.", nameof(sources));
        return parts.Count == 1
            ? parts[0]
            : new([parts.Sum(p => p.Count), .. parts[0].Shape.Skip(1)], [.. parts.SelectMany(p => p.ToArray())]);
    }
}
