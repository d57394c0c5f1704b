using TransferKit.Imaging;

namespace TransferKit;

/// <summary>Reads image files into an <see cref="RgbImage"/>: <c>RgbImage.Load("photo.jpg")</c>.</summary>
/// <remarks>
/// These are extension members, because an <see cref="RgbImage"/> does not depend on decoders. Languages without extension members call
/// them on this class.
/// </remarks>
public static class RgbImageFiles
{
    extension(RgbImage)
    {
        /// <summary>Loads an image file (Keras: <c>load_img</c> without <c>target_size</c>).</summary>
        /// <param name="path">
        /// Path of a JPEG, PNG, WebP, BMP, PNM, GIF (first frame) or TIFF (first page). The content determines the format, not the name.
        /// </param>
        /// <param name="options">Limits and orientation. Defaults to those of Keras.</param>
        /// <param name="decoder">Decoder of the file. Defaults to a <see cref="SkiaImageDecoder"/>.</param>
        /// <param name="cancellationToken">Token that stops the decoding.</param>
        /// <exception cref="ImageDecodeException">The file is empty, cut off, too large or not an image, or its decoder failed.</exception>
        /// <exception cref="IOException">The file cannot be read.</exception>
        /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
        public static RgbImage Load(
            string path, ImageDecodeOptions? options = null, IImageDecoder? decoder = null, CancellationToken cancellationToken = default)
        {
            ArgumentException.ThrowIfNullOrEmpty(path);
            options ??= new();
            decoder ??= new SkiaImageDecoder();
            using var file = EncodedFile.Read(path, decoder, options);
            try
            {
                return decoder.Decode(file.Content, path, options, cancellationToken);
            }
            catch (Exception e) when (ImageDecodeException.IsOfDecoder(e))
            {
                throw ImageDecodeException.OfDecoder(path, e);
            }
        }
    }
}
