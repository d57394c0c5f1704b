namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Passes a picture's size from the decoder that reads its header to the caller of the decoding, on the same thread. A field of the
/// thread also reaches the caller through a decoder that wraps another, and a sized decoding returns no size.
/// </summary>
internal static class PictureSize
{
    [ThreadStatic]
    private static ImageSize? t_size;

    /// <summary>Forgets the size of the picture before, when the decoding of a file begins.</summary>
    public static void Begin() => t_size = null;

    /// <summary>
    /// Records the size. The first record counts: later ones are of frames, or of a picture that is scaled while decoding.
    /// </summary>
    public static void Record(int width, int height) => t_size ??= new(height, width);

    /// <summary>Gets the recorded size; null if no header was read.</summary>
    public static ImageSize? Last => t_size;
}
