using TransferKit.Imaging;

namespace TransferKit;

/// <summary>Images of any size and encoding to the pixels that a backbone takes, in memory of the caller's.</summary>
internal sealed class ImageFitting(ImageLoadOptions options, ImageSize size)
{
    private readonly ImageDecodeOptions _decode = options.Decode.LendingFor(size);

    /// <summary>How many bytes an image has.</summary>
    public int Length { get; } = checked(size.Height * size.Width * 3);

    /// <summary>The part that waits for a disk or a network.</summary>
    public EncodedFile Read(string path) => EncodedFile.Read(path, options.Decoder);

    /// <summary>The part that takes a processor.</summary>
    public void Decode(EncodedFile file, Span<byte> pixels) => FitAndGiveBack(file.Decode(options.Decoder, _decode), pixels);

    public byte[] Load(string path)
    {
        using var file = Read(path);
        var pixels = new byte[Length];
        Decode(file, pixels);
        return pixels;
    }

    public byte[] Load(ReadOnlySpan<byte> encoded, string? name)
    {
        var pixels = new byte[Length];
        FitAndGiveBack(options.Decoder.Decode(encoded, name, _decode), pixels);
        return pixels;
    }

    public ReadOnlySpan<byte> Fit(RgbImage image) => image.Resize(size.Width, size.Height, options.Interpolation).Pixels.Span;

    private void FitAndGiveBack(RgbImage image, Span<byte> pixels)
    {
        try
        {
            image.Resize(size.Width, size.Height, options.Interpolation, pixels);
        }
        finally
        {
            image.GiveBack();
        }
    }
}
