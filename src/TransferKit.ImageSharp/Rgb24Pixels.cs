using System.Buffers;
using System.Runtime.InteropServices;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace TransferKit.ImageSharp;

/// <summary>Represents an image's pixels as RGB bytes: in the image's own memory where that is possible, and copied otherwise.</summary>
internal sealed class Rgb24Pixels : IDisposable
{
    private readonly Image<Rgb24>? _converted;

    private Rgb24Pixels(Image<Rgb24> image, Image<Rgb24>? converted)
    {
        _converted = converted;
        View = RgbImage.FromRgb24(image.Width, image.Height, BytesOf(image));
    }

    /// <summary>Gets the pixels. They are valid until this object or the image is disposed.</summary>
    public RgbImage View { get; }

    public static Rgb24Pixels Of(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image is Image<Rgb24> rgb)
            return new(rgb, converted: null);
        var converted = image.CloneAs<Rgb24>();
        return new(converted, converted);
    }

    /// <summary>Copies the pixels out of ImageSharp's memory.</summary>
    public static RgbImage Copy(Image<Rgb24> image)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked(image.Width * image.Height * 3));
        image.CopyPixelDataTo(bytes);
        return RgbImage.FromRgb24(image.Width, image.Height, bytes);
    }

    public void Dispose() => _converted?.Dispose();

    private static ReadOnlyMemory<byte> BytesOf(Image<Rgb24> image) =>
        image.DangerousTryGetSinglePixelMemory(out var pixels) ? new Bytes(pixels).Memory : Copy(image).Pixels;

    /// <summary>Represents a block of pixels as a block of bytes.</summary>
    private sealed class Bytes(Memory<Rgb24> pixels) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(pixels.Span);

        public override unsafe MemoryHandle Pin(int elementIndex = 0)
        {
            var pinned = pixels.Pin();
            return new((byte*)pinned.Pointer + elementIndex, pinnable: new Pinned(pinned));
        }

        // The handle that Pin returns releases the pixels.
        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    private sealed class Pinned(MemoryHandle pixels) : IPinnable
    {
        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException("The pixels are already pinned.");

        public void Unpin() => pixels.Dispose();
    }
}
