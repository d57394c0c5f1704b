using TransferKit.Common;

namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Implements Pillow's resampling of 8-bit images: columns first into an 8-bit intermediate, then rows. A pass that would not change the
/// size is skipped. The result does not depend on the kernel.
/// </summary>
internal sealed unsafe class Resampler<TKernel> : Resizer
    where TKernel : IResampleKernel
{
    /// <summary>The number of bytes that a kernel may read past the last pixel of a row, for padded weights and wide loads.</summary>
    private const int ReadAhead = 16;

    /// <summary>The number of bytes that a kernel may write past the last pixel of a row of the intermediate.</summary>
    private const int WriteAhead = 4;

    private const int SpareRows = 64;

    // Folders have many pictures, so each thread reuses one object for one picture after another.
    [ThreadStatic]
    private static Resampler<TKernel>? t_idle;

    private int _width;
    private int _targetWidth;
    private int _targetHeight;
    private PackedWeights? _across;
    private PackedWeights? _down;

    // This window holds rows between the passes, in the result's width, and moves down with the rows of the result.
    private byte[] _between = [];
    private int _stride;
    private int _capacity;
    private int _first;
    private int _top;
    private int _bottom;
    private int _taken;
    private int _written;

    private Resampler()
    {
    }

    /// <summary>Returns the number of bytes of the weights and of the rows between the passes.</summary>
    public static long Bytes(ResampleAxis across, ResampleAxis down, Interpolation filter) =>
        ResampleWeights.Bytes(across, filter) + ResampleWeights.Bytes(down, filter)
        + (((across.Target * 3L) + WriteAhead) * Capacity(down, filter));

    public static Resampler<TKernel> For(ResampleAxis across, ResampleAxis down, Interpolation filter)
    {
        var resampler = t_idle ?? new();
        t_idle = null;
        try
        {
            resampler.Begin(across, down, filter);
            return resampler;
        }
        catch
        {
            resampler.Dispose();
            throw;
        }
    }

    public override void Add(ReadOnlySpan<byte> rows, Span<byte> target)
    {
        var stride = _width * 3;
        while (!rows.IsEmpty)
        {
            var count = rows.Length / stride;
            if (_taken < _top)
            {
                count = Math.Min(count, _top - _taken);
            }
            else if (_taken < _bottom)
            {
                MakeRoom();
                count = Math.Min(count, Math.Min(_first + _capacity, _bottom) - _taken);
                AddColumns(rows[..(count * stride)], count, _between.AsSpan((_taken - _first) * _stride));
            }
            _taken += count;
            WriteRows(target);
            rows = rows[(count * stride)..];
        }
    }

    public override bool Needs(int row) => _top <= row && row < _bottom;

    public override void Dispose()
    {
        BufferPool.Bytes.Return(_between);
        _between = [];
        _across?.Dispose();
        _down?.Dispose();
        (_across, _down) = (null, null);
        t_idle = this;
    }

    private void Begin(ResampleAxis across, ResampleAxis down, Interpolation filter)
    {
        (_width, _targetWidth, _targetHeight, _stride) = (across.Source, across.Target, down.Target, (across.Target * 3) + WriteAhead);
        (_taken, _written) = (0, 0);
        (_top, _bottom) = (0, down.Source);
        _capacity = Capacity(down, filter);
        _between = BufferPool.Bytes.Rent(checked(_stride * _capacity));
        if (!down.IsIdentity)
        {
            var weights = TKernel.Pack(ResampleWeights.Create(down, filter));
            _down = weights;
            _top = weights.First(0);
            _bottom = weights.End(down.Target - 1);
        }
        if (!across.IsIdentity)
        {
            _across = TKernel.Pack(ResampleWeights.Create(across, filter));
        }
        _first = _top;
    }

    /// <summary>
    /// Returns the number of rows of the window: those that one row of the result needs, and some more, so that it moves rarely.
    /// </summary>
    private static int Capacity(ResampleAxis down, Interpolation filter)
    {
        var needed = down.IsIdentity ? 1 : ResampleWeights.Longest(down, filter);
        return (int)Math.Min(needed + Math.Max(SpareRows, needed / 4L), down.Source);
    }

    /// <summary>Drops the rows that no later row of the result needs, once the window is full.</summary>
    private void MakeRoom()
    {
        if (_taken < _first + _capacity)
        {
            return;
        }
        var next = Math.Min(_down is { } weights ? weights.First(_written) : _written, _taken);
        _between.AsSpan((next - _first) * _stride, (_taken - next) * _stride).CopyTo(_between);
        _first = next;
    }

    private void AddColumns(ReadOnlySpan<byte> source, int rows, Span<byte> target)
    {
        var stride = _width * 3;
        if (_across is not { } weights)
        {
            for (var y = 0; y < rows; y++)
            {
                source.Slice(y * stride, stride).CopyTo(target[(y * _stride)..]);
            }
            return;
        }
        // The last rows are read from a copy with padding, so that no kernel reads beyond the caller's memory.
        var inPlace = Math.Clamp((source.Length - ReadAhead) / stride, 0, rows);
        fixed (byte* from = source, to = target)
        {
            TKernel.Columns(from, stride, inPlace, weights, to, _stride);
            var left = source[(inPlace * stride)..];
            var rented = BufferPool.Bytes.Rent(left.Length + ReadAhead);
            left.CopyTo(rented);
            fixed (byte* tail = rented)
            {
                TKernel.Columns(tail, stride, rows - inPlace, weights, to + ((nint)inPlace * _stride), _stride);
            }
            BufferPool.Bytes.Return(rented);
        }
    }

    private void WriteRows(Span<byte> target)
    {
        var length = _targetWidth * 3;
        fixed (byte* between = _between, to = target)
        {
            for (; _written < _targetHeight && EndOfRows(_written) <= _taken; _written++)
            {
                if (_down is { } weights)
                {
                    var first = between + ((nint)(weights.First(_written) - _first) * _stride);
                    TKernel.Row(first, _stride, weights, _written, to + ((nint)_written * length), length);
                }
                else
                {
                    _between.AsSpan((_written - _first) * _stride, length).CopyTo(target[(_written * length)..]);
                }
            }
        }
    }

    /// <summary>Returns the end of the rows that a row of the result needs.</summary>
    private int EndOfRows(int row) => _down is { } weights ? weights.End(row) : row + 1;
}
