using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Transforms coefficients to pixels, one row of MCUs at a time, which stays in the processor's cache.</summary>
internal readonly unsafe struct JpegSamples
{
    private readonly JpegHeader _header;
    private readonly int _scale;
    private readonly JpegTransform _transform;

    // These rows hold upsampled chroma at the picture's width.
    private readonly byte* _second;
    private readonly byte* _third;

    /// <param name="header">Header of the picture.</param>
    /// <param name="scale">Scale of <see cref="JpegDraft"/>.</param>
    /// <param name="transform">Transform of blocks at the whole scale.</param>
    /// <param name="memory">Memory of the rows.</param>
    public JpegSamples(JpegHeader header, int scale, JpegTransform transform, ref JpegMemory memory)
    {
        (_header, _scale, _transform) = (header, scale, transform);
        _second = memory.Take(RowBytes(header));
        _third = memory.Take(RowBytes(header));
    }

    private bool IsHalvedAcross => _header.MostHorizontal > 1 && HasFewerColours;

    private bool IsHalvedDown => _header.MostVertical > 1 && HasFewerColours;

    // The chroma of a scaled picture may already have as many samples as the picture has pixels.
    private bool HasFewerColours => _header.Components[^1].BlockSize == _scale;

    /// <summary>Returns the number of bytes that the rows need.</summary>
    public static long Bytes(JpegHeader header) => 2 * JpegMemory.Rounded(RowBytes(header));

    /// <summary>Writes the rows of pixels that are complete with this row of MCUs.</summary>
    /// <param name="row">Row of MCUs in the picture.</param>
    /// <param name="at">Row of MCUs in memory.</param>
    /// <param name="rows">Target of the pixels.</param>
    /// <returns>False if a sample is outside the range of valid pictures.</returns>
    public bool TryWrite<TRows>(int row, int at, ref TRows rows)
        where TRows : IPixelRows, allows ref struct
    {
        var (height, isLast) = (_scale * _header.MostVertical, row == _header.McusDown - 1);
        foreach (var component in _header.Components)
        {
            for (var y = 0; y < component.Vertical; y++)
            {
                var blocks = component.Blocks + (64 * (((long)at * component.Vertical) + y) * component.BlockStride);
                if (!Transform(component, blocks, Row(component, component.BlockSize * y)))
                {
                    return false;
                }
            }
        }
        RepeatEdges(row, isLast);
        // Chroma between rows needs the next MCUs, so the last row of pixels waits for them.
        var waiting = IsHalvedDown ? 1 : 0;
        var from = row == 0 ? 0 : -waiting;
        var to = isLast ? JpegDraft.Scaled(_header.Height, _scale) - (row * height) : height - waiting;
        var bytes = 3 * JpegDraft.Scaled(_header.Width, _scale);
        var band = rows.Next(bytes * (to - from));
        for (var y = from; y < to; y++)
        {
            if (rows.Needs((row * height) + y))
            {
                WritePixels(y, band.Slice(bytes * (y - from), bytes));
            }
        }
        rows.Written();
        foreach (var component in _header.Components)
        {
            CopyRow(component, (component.BlockSize * component.Vertical) - 1, -1);
        }
        return true;
    }

    private bool Transform(JpegComponent component, short* blocks, byte* samples)
    {
        var (count, stride) = (component.BlockStride, component.SampleStride);
        switch (component.BlockSize, _transform)
        {
            case (JpegDraft.Whole, JpegTransform.Accurate):
                return InverseDct.Transform(blocks, count, samples, stride);
            case (JpegDraft.Whole, JpegTransform.Fast):
                return FastInverseDct.Transform(blocks, count, samples, stride, component.Quantisers);
            case (JpegDraft.Whole, _):
                WrappingInverseDct.Transform(blocks, count, samples, stride, component.Quantisers);
                return true;
            default:
                return ReducedInverseDct.Transform(blocks, count, component.BlockSize, samples, stride);
        }
    }

    private static long RowBytes(JpegHeader header) => header.Width + (2 * JpegMemory.Margin);

    private static byte* Row(JpegComponent component, int y) => component.Samples + ((long)y * component.SampleStride);

    private static void CopyRow(JpegComponent component, int from, int to) => Buffer.MemoryCopy(
        Row(component, from) - JpegMemory.Margin, Row(component, to) - JpegMemory.Margin, component.SampleStride, component.SampleStride);

    /// <summary>Repeats the outermost samples beyond the edges of the picture.</summary>
    private void RepeatEdges(int row, bool isLast)
    {
        foreach (var component in _header.Components[1..])
        {
            if (IsHalvedAcross)
            {
                for (var y = 0; y < component.BlockSize; y++)
                {
                    ChromaRow.RepeatEdges(Row(component, y), component.Width);
                }
            }
            if (row == 0 && IsHalvedDown)
            {
                CopyRow(component, 0, -1);
            }
            if (isLast && IsHalvedDown)
            {
                var below = component.Height - (component.BlockSize * row);
                CopyRow(component, below - 1, below);
            }
        }
    }

    private void WritePixels(int y, Span<byte> rgb)
    {
        var components = _header.Components;
        var first = Row(components[0], y);
        if (components.Length == 1)
        {
            RgbRow.Write<PlainColour>(first, first, first, rgb);
            return;
        }
        var second = Chroma(components[1], y, _second);
        var third = Chroma(components[2], y, _third);
        if (_header.IsYcc)
        {
            RgbRow.WriteYcc(first, second, third, rgb);
        }
        else
        {
            RgbRow.Write<PlainColour>(first, second, third, rgb);
        }
    }

    private byte* Chroma(JpegComponent component, int y, byte* target)
    {
        if (!IsHalvedDown)
        {
            if (!IsHalvedAcross)
            {
                return Row(component, y);
            }
            ChromaRow.Widen(Row(component, y), component.Width, target);
            return target;
        }
        var isLower = (y & 1) != 0;
        var near = Row(component, y >> 1);
        var far = isLower ? near + component.SampleStride : near - component.SampleStride;
        if (IsHalvedAcross)
        {
            ChromaRow.WidenBetween(near, far, component.Width, target);
        }
        else
        {
            ChromaRow.Between(near, far, component.Width, isLower ? 2 : 1, target);
        }
        return target;
    }
}

/// <summary>Names the transforms of whole blocks.</summary>
internal enum JpegTransform
{
    /// <summary><see cref="InverseDct"/>, for pictures whose numbers do not overflow.</summary>
    Accurate,

    /// <summary><see cref="FastInverseDct"/>.</summary>
    Fast,

    /// <summary><see cref="WrappingInverseDct"/>, for damaged pictures.</summary>
    Wrapping,
}
