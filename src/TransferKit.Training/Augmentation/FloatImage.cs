namespace TransferKit.Training;

/// <summary>Specifies the colour of points outside an image (Keras: <c>fill_mode</c>).</summary>
public enum FillMode
{
    /// <summary>Mirrors the image at its edge: <c>d c b a | a b c d | d c b a</c>. This is Keras' default.</summary>
    Reflect,

    /// <summary>Fills with black.</summary>
    Constant,

    /// <summary>Repeats the image: <c>a b c d | a b c d</c>.</summary>
    Wrap,

    /// <summary>Repeats the nearest edge pixel.</summary>
    Nearest,
}

/// <summary>Represents an image during augmentation: (h, w, RGB) floats from 0 to 255.</summary>
internal sealed class FloatImage(int height, int width, float[] pixels)
{
    public int Height { get; } = height;
    public int Width { get; } = width;
    public float[] Pixels { get; private set; } = pixels;

    /// <summary>
    /// Samples each output pixel at <c>(a x + b y + c, d x + e y + f)</c> with bilinear interpolation (Keras:
    /// <c>affine_transform</c>).
    /// </summary>
    public void Transform(double a, double b, double c, double d, double e, double f, FillMode fill)
    {
        var result = new float[Pixels.Length];
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var (fromX, fromY) = (a * x + b * y + c, d * x + e * y + f);
                var (left, top) = ((int)Math.Floor(fromX), (int)Math.Floor(fromY));
                var (right, down) = ((float)(fromX - left), (float)(fromY - top));
                var to = (y * Width + x) * 3;
                Mix(result, to, left, top, (1 - right) * (1 - down), fill);
                Mix(result, to, left + 1, top, right * (1 - down), fill);
                Mix(result, to, left, top + 1, (1 - right) * down, fill);
                Mix(result, to, left + 1, top + 1, right * down, fill);
            }
        }
        Pixels = result;
    }

    private void Mix(float[] result, int to, int x, int y, float share, FillMode fill)
    {
        if (share == 0)
            return;
        (x, y) = (Inside(x, Width, fill), Inside(y, Height, fill));
        if (x < 0 || y < 0)
            return;
        var from = (y * Width + x) * 3;
        result[to] += share * Pixels[from];
        result[to + 1] += share * Pixels[from + 1];
        result[to + 2] += share * Pixels[from + 2];
    }

    private static int Inside(int at, int size, FillMode fill)
    {
        if ((uint)at < (uint)size)
            return at;
        switch (fill)
        {
            case FillMode.Nearest:
                return Math.Clamp(at, 0, size - 1);
            case FillMode.Wrap:
                return ((at % size) + size) % size;
            case FillMode.Reflect:
                var turn = ((at % (2 * size)) + 2 * size) % (2 * size);
                return turn < size ? turn : 2 * size - 1 - turn;
            default:
                return -1;
        }
    }
}
