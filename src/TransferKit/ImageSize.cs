namespace TransferKit;

/// <summary>The size of an image in pixels, height first as in Keras.</summary>
public readonly record struct ImageSize
{
    /// <summary>A size of <paramref name="height"/> rows and <paramref name="width"/> columns.</summary>
    /// <param name="height">Rows, in pixels.</param>
    /// <param name="width">Columns, in pixels.</param>
    public ImageSize(int height, int width) => (Height, Width) = (height, width);

    /// <summary>Rows, in pixels.</summary>
    public int Height { get; }

    /// <summary>Columns, in pixels.</summary>
    public int Width { get; }

    /// <summary>Height x width: <c>480x640</c>.</summary>
    public override string ToString() => $"{Height}x{Width}";

    /// <summary>A size from a <c>(height, width)</c> pair.</summary>
    /// <param name="size">Height and width, in pixels.</param>
    public static implicit operator ImageSize((int Height, int Width) size) => new(size.Height, size.Width);
}
