namespace TransferKit.Imaging.Pictures;

/// <summary>Converts palette indices to pixels.</summary>
internal static class PaletteRow
{
    /// <summary>Writes a colour for each index.</summary>
    /// <param name="indices">Indices, one byte a pixel.</param>
    /// <param name="palette">Palette of 256 colours of three bytes.</param>
    /// <param name="rgb">Target for as many pixels.</param>
    public static void Write(ReadOnlySpan<byte> indices, ReadOnlySpan<byte> palette, Span<byte> rgb)
    {
        palette = palette[..(256 * 3)];
        for (int i = 0, to = 0; i < indices.Length; i++, to += 3)
        {
            var from = indices[i] * 3;
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (palette[from], palette[from + 1], palette[from + 2]);
        }
    }
}
