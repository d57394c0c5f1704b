namespace TransferKit.Operators;

/// <summary>The window that a convolution moves over a map.</summary>
internal readonly unsafe struct MapWindow
{
    /// <summary>The names of an operator's first attributes, which are these numbers.</summary>
    public static readonly string[] Attributes = ["rows", "columns", "stride", "top", "left", "bottom", "right"];

    /// <param name="attributes">The numbers, in the order of <see cref="Attributes"/>.</param>
    public MapWindow(long* attributes)
    {
        (Rows, Columns, Stride) = ((int)attributes[0], (int)attributes[1], (int)attributes[2]);
        (Top, Left, Bottom, Right) = ((int)attributes[3], (int)attributes[4], (int)attributes[5], (int)attributes[6]);
    }

    public int Rows { get; }
    public int Columns { get; }

    /// <summary>The step of the window, down and across.</summary>
    public int Stride { get; }

    /// <summary>The padding above the map, and likewise on the other sides.</summary>
    public int Top { get; }
    public int Left { get; }
    public int Bottom { get; }
    public int Right { get; }

    /// <summary>Returns the height of the output for a map of some height.</summary>
    public int OutputHeight(int height) => (height + Top + Bottom - Rows) / Stride + 1;

    /// <summary>Returns the width of the output for a map of some width.</summary>
    public int OutputWidth(int width) => (width + Left + Right - Columns) / Stride + 1;
}
