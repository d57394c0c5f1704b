using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace TransferKit.ImageSharp;

/// <summary>Runs backbones on ImageSharp's images, which are resized to the backbone's input size first.</summary>
/// <remarks>
/// An <see cref="Image{TPixel}"/> of <see cref="Rgb24"/> whose pixels lie in one block of memory is read in place. Other images are
/// converted, which drops alpha without blending and repeats grey, as Keras' <c>load_img</c> does. Several frames count as their first.
/// </remarks>
public static class BackboneImageSharpExtensions
{
    /// <summary>Runs one image.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="image">An image of any size and pixel format. It must not change or be disposed during the call.</param>
    /// <param name="options">The options to resize it with. Defaults to <see cref="IBackbone.Images"/>.</param>
    /// <param name="cancellationToken">Token to cancel the run.</param>
    /// <returns>The output, with a batch dimension of 1.</returns>
    public static FeatureTensor Predict(
        this IBackbone backbone, Image image, ImageLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        using var pixels = Rgb24Pixels.Of(image);
        return backbone.Predict(pixels.View, options, cancellationToken);
    }

    /// <summary>Runs several images in batches of 32.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="images">Images of any sizes and pixel formats.</param>
    /// <param name="options">The options to resize them with. Defaults to <see cref="IBackbone.Images"/>.</param>
    /// <param name="cancellationToken">Token to cancel the run.</param>
    /// <returns>The output, with a row for each image in the same order.</returns>
    /// <exception cref="ArgumentException">The sequence is empty.</exception>
    public static FeatureTensor Predict(
        this IBackbone backbone, IEnumerable<Image> images, ImageLoadOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        var opened = new List<Rgb24Pixels>();
        try
        {
            return backbone.Predict(images.Select(Open), options, cancellationToken);
        }
        finally
        {
            opened.ForEach(pixels => pixels.Dispose());
        }

        RgbImage Open(Image image)
        {
            var pixels = Rgb24Pixels.Of(image);
            opened.Add(pixels);
            return pixels.View;
        }
    }

    /// <summary>Runs one image and returns every output by its layer's name.</summary>
    /// <inheritdoc cref="Predict(IBackbone, Image, ImageLoadOptions?, CancellationToken)" path="/param"/>
    public static IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        this IBackbone backbone, Image image, ImageLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        using var pixels = Rgb24Pixels.Of(image);
        return backbone.PredictAll(pixels.View, options, cancellationToken);
    }
}
