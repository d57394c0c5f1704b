using TransferKit.Imaging;

namespace TransferKit;

/// <summary>Reads image files into an <see cref="RgbImage"/>: <c>RgbImage.Load("photo.jpg")</c>.</summary>
/// <remarks>These are extension members, because a picture's pixels know no decoder; languages without them call them on this class.</remarks>
public static class RgbImageFiles
{
    extension(RgbImage)
    {
        /// <summary>Reads an image file (Keras: <c>load_img</c> without <c>target_size</c>).</summary>
        /// <param name="path">A JPEG, PNG, WebP, BMP, GIF (first frame) or TIFF (first page); told by content, not by name.</param>
        /// <param name="options">Limits and orientation; Keras' ways when left out.</param>
        /// <param name="decoder">What reads it; a <see cref="SkiaImageDecoder"/> when left out.</param>
        /// <param name="cancellationToken">Token that stops the decoding.</param>
        /// <exception cref="ImageDecodeException">The file is empty, cut off, too large or no image, or its decoder failed.</exception>
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
