using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TransferKit.Imaging.Resizing;

/// <summary>Implements Pillow's nearest filter, which is an affine transform and not a resampling.</summary>
internal sealed class NearestNeighbour : Resizer
{
    private readonly int _width;
    private readonly int _targetWidth;
    private readonly int _targetHeight;
    // The arrays are rented and may be longer than their content.
    private readonly int[] _columns;
    private readonly int[] _rows;
    private int _taken;
    private int _written;

    public NearestNeighbour(ResampleAxis across, ResampleAxis down)
    {
        (_width, _targetWidth, _targetHeight) = (across.Source, across.Target, down.Target);
        _columns = ArrayPool<int>.Shared.Rent(_targetWidth);
        SampleCentres(_columns.AsSpan(0, _targetWidth), across);
        _rows = ArrayPool<int>.Shared.Rent(_targetHeight);
        SampleCentres(_rows.AsSpan(0, _targetHeight), down);
    }

    public override void Add(ReadOnlySpan<byte> rows, Span<byte> target)
    {
        var count = rows.Length / (_width * 3);
        for (; _written < _targetHeight && _rows[_written] < _taken + count; _written++)
        {
            var row = _rows[_written] - _taken;
            var from = rows[(row * _width * 3)..];
            var to = target[(_written * _targetWidth * 3)..];
            var columns = _columns.AsSpan(0, _targetWidth);
            // A copy with neighbours would leave the memory in the last row of the source or target.
            if (row < count - 1 && _written < _targetHeight - 1)
            {
                CopyWithNeighbour(from, to, columns);
                continue;
            }
            for (var x = 0; x < columns.Length; x++)
            {
                from.Slice(columns[x] * 3, 3).CopyTo(to[(x * 3)..]);
            }
        }
        _taken += count;
    }

    public override void Dispose()
    {
        ArrayPool<int>.Shared.Return(_columns);
        ArrayPool<int>.Shared.Return(_rows);
    }

    /// <summary>
    /// Copies four bytes for each pixel of three, which is faster. The next pixel or row overwrites the fourth byte, so another row must
    /// follow in the source and in the target.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyWithNeighbour(ReadOnlySpan<byte> from, Span<byte> to, ReadOnlySpan<int> columns)
    {
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        for (var x = 0; x < columns.Length; x++)
        {
            var pixel = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, (nint)columns[x] * 3));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, (nint)x * 3), pixel);
        }
    }

    /// <summary>
    /// Computes the source position of each target position. Pillow adds the step each time instead of multiplying. The accumulated
    /// rounding decides ties, so this code adds too.
    /// </summary>
    private static void SampleCentres(Span<int> positions, ResampleAxis axis)
    {
        var step = (double)axis.Length / axis.Resized;
        var at = axis.Start + (step * 0.5);
        for (var i = 0; i < axis.Skipped; i++)
        {
            at += step;
        }
        foreach (ref var position in positions)
        {
            position = Math.Min((int)at, axis.Source - 1);
            at += step;
        }
    }
}
