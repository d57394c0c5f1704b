using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Skia;

/// <summary>
/// Represents a picture of Skia's as a value. A frame on its canvas calls a value directly. It would call a class through the interface,
/// where a compiler ahead of time finds canvases on canvases without end.
/// </summary>
internal readonly ref struct SkiaFrame(SkiaPicture picture) : IEncodedPicture
{
    public int Width => picture.Width;

    public int Height => picture.Height;

    public int Orientation => picture.Orientation;

    public bool TryRead<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct => picture.TryRead(ref rows, in watch);
}
