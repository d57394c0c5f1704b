using TransferKit.Imaging;

namespace TransferKit;

/// <summary>Images in, numbers out: files, streams and pixels of any size, brought to the backbone's input size first.</summary>
public static class BackboneImageExtensions
{
    private const int BatchSize = 32;

    /// <summary>Runs one image.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="image">RGB pixels of any size.</param>
    /// <param name="options">How it is resized; Keras' defaults when left out.</param>
    /// <returns>The output, with a batch dimension of 1.</returns>
    public static FeatureTensor Predict(this IBackbone backbone, RgbImage image, ImageLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(image);
        return backbone.Predict((options ?? ImageLoadOptions.Default).Fit(image, backbone.InputSize).Pixels.Span);
    }

    /// <summary>Runs one image file.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="path">A JPEG, PNG, WebP, BMP, GIF (first frame) or TIFF (first page); told by content, not by name.</param>
    /// <param name="options">How it is decoded and resized; Keras' defaults when left out.</param>
    /// <returns>The output, with a batch dimension of 1.</returns>
    /// <exception cref="ImageDecodeException">The file is empty, cut off, too large or no image.</exception>
    public static FeatureTensor Predict(this IBackbone backbone, string path, ImageLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return backbone.Predict((options ?? ImageLoadOptions.Default).Load(path, backbone.InputSize).Pixels.Span);
    }

    /// <summary>Runs one encoded image from a stream.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="stream">An image's bytes, read to the end; the caller disposes it.</param>
    /// <param name="options">How it is decoded and resized; Keras' defaults when left out.</param>
    /// <returns>The output, with a batch dimension of 1.</returns>
    /// <exception cref="ImageDecodeException">The stream is empty, cut off, too large or no image.</exception>
    public static FeatureTensor Predict(this IBackbone backbone, Stream stream, ImageLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(stream);
        options ??= ImageLoadOptions.Default;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        var image = options.Decoder.Decode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), (stream as FileStream)?.Name, options.Decode);
        return backbone.Predict(options.Fit(image, backbone.InputSize).Pixels.Span);
    }

    /// <summary>Runs several images, 32 at a time.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="images">RGB pixels of any sizes.</param>
    /// <param name="options">How they are resized; Keras' defaults when left out.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The output, one row for each image in their order.</returns>
    /// <exception cref="ArgumentException">There is no image.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, IEnumerable<RgbImage> images, ImageLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        options ??= ImageLoadOptions.Default;
        return InBatches(backbone, images, image => options.Fit(image, backbone.InputSize), cancellationToken);
    }

    /// <summary>Runs several image files, 32 at a time.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="paths">Image files.</param>
    /// <param name="options">How they are decoded and resized; Keras' defaults when left out.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The output, one row for each file in their order.</returns>
    /// <exception cref="ArgumentException">There is no file.</exception>
    /// <exception cref="ImageDecodeException">A file is empty, cut off, too large or no image.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, IEnumerable<string> paths, ImageLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        options ??= ImageLoadOptions.Default;
        return InBatches(backbone, paths, path => options.Load(path, backbone.InputSize), cancellationToken);
    }

    private static FeatureTensor InBatches<T>(
        IBackbone backbone, IEnumerable<T> sources, Func<T, RgbImage> load, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        var imageBytes = backbone.InputSize.Height * backbone.InputSize.Width * 3;
        var parts = new List<FeatureTensor>();
        foreach (var chunk in sources.Chunk(BatchSize))
        {
            var pixels = new byte[chunk.Length * imageBytes];
            for (var i = 0; i < chunk.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                load(chunk[i]).Pixels.Span.CopyTo(pixels.AsSpan(i * imageBytes));
            }
            parts.Add(backbone.Predict(pixels, cancellationToken));
        }
        if (parts.Count == 0)
            throw new ArgumentException("There is no image to run: the sequence is empty.", nameof(sources));
        return parts.Count == 1
            ? parts[0]
            : new([parts.Sum(p => p.Count), .. parts[0].Shape.Skip(1)], [.. parts.SelectMany(p => p.ToArray())]);
    }
}
