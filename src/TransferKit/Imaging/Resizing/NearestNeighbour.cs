using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Resizing;

/// <summary>Implements Pillow's nearest filter, which is an affine transform and not a resampling.</summary>
internal sealed unsafe class NearestNeighbour : Resizer
{
    private readonly int _stride;
    private readonly int _targetWidth;
    private readonly int _targetHeight;
    // The arrays are rented and may be longer than their content: the first byte of each column's pixel, and the row of each row.
    private readonly uint[] _columns;
    private readonly int[] _rows;
    // A read of four bytes from any of the first columns stays within the row of the source.
    private readonly int _inner;
    private int _taken;
    private int _written;

    public NearestNeighbour(ResampleAxis across, ResampleAxis down)
    {
        (_stride, _targetWidth, _targetHeight) = (across.Source * 3, across.Target, down.Target);
        _columns = ArrayPool<uint>.Shared.Rent(_targetWidth);
        var columns = _columns.AsSpan(0, _targetWidth);
        SampleCentres(MemoryMarshal.Cast<uint, int>(columns), across);
        foreach (ref var column in columns)
        {
            column *= 3;
            _inner += column + sizeof(uint) <= _stride ? 1 : 0;
        }
        // The last pixel is copied alone too, because a write of four bytes would leave the row of the target.
        _inner = Math.Min(_inner, _targetWidth - 1);
        _rows = ArrayPool<int>.Shared.Rent(_targetHeight);
        SampleCentres(_rows.AsSpan(0, _targetHeight), down);
    }

    public override void Add(ReadOnlySpan<byte> rows, Span<byte> target)
    {
        var end = _taken + (rows.Length / _stride);
        fixed (byte* from = rows, to = target)
        {
            for (; _written < _targetHeight && _rows[_written] < end; _written++)
            {
                var row = _rows[_written];
                var next = _written + 1 < _targetHeight ? _rows[_written + 1] : row;
                Copy(from + ((nint)(row - _taken) * _stride), (nint)(next - row) * _stride, to + ((nint)_written * _targetWidth * 3));
            }
        }
        _taken = end;
    }

    public override bool Needs(int row) => Array.BinarySearch(_rows, 0, _targetHeight, row) >= 0;

    public override void Dispose()
    {
        ArrayPool<uint>.Shared.Return(_columns);
        ArrayPool<int>.Shared.Return(_rows);
    }

    /// <summary>
    /// Copies the pixels of a row, four at a time. Each copy is one byte too long, which the next one overwrites. The processor cannot
    /// foresee a jump over rows, so the pixels of the next one are prefetched, which has no effect if it is not in memory yet.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Copy(byte* from, nint toNext, byte* to)
    {
        fixed (uint* columns = _columns)
        {
            var next = from + toNext;
            var column = columns;
            for (var end = columns + (_inner & ~3); column < end; column += 4, to += 12)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(next + column[0]);
                    Sse.Prefetch0(next + column[2]);
                }
                Unsafe.WriteUnaligned(to, Unsafe.ReadUnaligned<uint>(from + column[0]));
                Unsafe.WriteUnaligned(to + 3, Unsafe.ReadUnaligned<uint>(from + column[1]));
                Unsafe.WriteUnaligned(to + 6, Unsafe.ReadUnaligned<uint>(from + column[2]));
                Unsafe.WriteUnaligned(to + 9, Unsafe.ReadUnaligned<uint>(from + column[3]));
            }
            for (var end = columns + _targetWidth; column < end; column++, to += 3)
            {
                var pixel = from + *column;
                (to[0], to[1], to[2]) = (pixel[0], pixel[1], pixel[2]);
            }
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
