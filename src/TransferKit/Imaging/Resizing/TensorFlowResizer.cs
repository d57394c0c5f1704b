using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TransferKit.Common;

namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Implements <c>tf.image.resize</c> without antialiasing: floats, in two passes. Source rows that no row of the result needs are skipped.
/// </summary>
internal sealed unsafe class TensorFlowResizer : Resizer
{
    /// <summary>The number of bytes that are read past the last pixel of a row: one more pixel and a fourth byte.</summary>
    private const int ReadAhead = 4;

    // Folders have many pictures, so each thread reuses one object for one picture after another.
    [ThreadStatic]
    private static TensorFlowResizer? t_idle;

    private readonly TensorFlowWeights _across = new();
    private readonly TensorFlowWeights _down = new();

    // This ring holds the rows between the passes that one row of the result needs.
    private float[] _between = [];
    private int _width;
    private int _targetWidth;
    private int _targetHeight;
    private int _stride;
    private int _taken;
    private int _written;

    private TensorFlowResizer()
    {
    }

    /// <summary>Returns the number of bytes of the weights and of the rows between the passes.</summary>
    public static long Bytes(TensorFlowAxis across, TensorFlowAxis down, Interpolation filter)
    {
        var (columns, rows) = (TensorFlowWeights.Longest(across, filter), TensorFlowWeights.Longest(down, filter));
        return sizeof(float) * (((long)across.Target * columns) + ((long)down.Target * rows) + (((across.Target * 3L) + 1) * rows));
    }

    public static TensorFlowResizer For(TensorFlowAxis across, TensorFlowAxis down, Interpolation filter)
    {
        var resizer = t_idle ?? new();
        t_idle = null;
        resizer._across.Compute(across, filter);
        resizer._down.Compute(down, filter);
        (resizer._width, resizer._targetWidth, resizer._targetHeight) = (across.Source, across.Target, down.Target);
        (resizer._stride, resizer._taken, resizer._written) = ((across.Target * 3) + 1, 0, 0);
        resizer._between = BufferPool.Floats.Rent(resizer._stride * resizer._down.Stride);
        return resizer;
    }

    public override void Add(ReadOnlySpan<byte> rows, Span<byte> target)
    {
        var floats = MemoryMarshal.Cast<byte, float>(target);
        var stride = _width * 3;
        for (; !rows.IsEmpty; rows = rows[stride..], _taken++)
        {
            WriteRows(floats);
            if (_written == _targetHeight)
                return;
            if (_taken < _down.First[_written])
                continue;
            var between = _between.AsSpan(_taken % _down.Stride * _stride, _stride);
            if (rows.Length >= stride + ReadAhead)
                AddColumns(rows, between);
            else
                AddLastColumns(rows, between);
        }
        WriteRows(floats);
    }

    public override void Dispose()
    {
        BufferPool.Floats.Return(_between);
        _between = [];
        t_idle = this;
    }

    // The last row is read from a copy with padding, so that nothing is read beyond the caller's memory.
    private void AddLastColumns(ReadOnlySpan<byte> row, Span<float> between)
    {
        var rented = BufferPool.Bytes.Rent(row.Length + ReadAhead);
        row.CopyTo(rented);
        rented.AsSpan(row.Length, ReadAhead).Clear();
        AddColumns(rented, between);
        BufferPool.Bytes.Return(rented);
    }

    /// <summary>Resizes a row in width. Each pixel is stored with a fourth value, which the next one overwrites.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddColumns(ReadOnlySpan<byte> row, Span<float> between)
    {
        fixed (byte* source = row)
        fixed (float* target = between, weights = _across.Values)
        fixed (int* first = _across.First, count = _across.Count)
        {
            if (_across.Stride == 2)
            {
                for (var x = 0; x < _targetWidth; x++)
                {
                    var from = source + ((nint)first[x] * 3);
                    // An unused second weight is 0, and the bytes behind the row are there.
                    var sum = (Vector128.Create(weights[2 * x]) * Pixel(from)) + (Vector128.Create(weights[(2 * x) + 1]) * Pixel(from + 3));
                    sum.Store(target + (3 * x));
                }
                return;
            }
            for (var x = 0; x < _targetWidth; x++)
            {
                var from = source + ((nint)first[x] * 3);
                var sum = Vector128<float>.Zero;
                for (var k = 0; k < count[x]; k++, from += 3)
                    sum += Vector128.Create(weights[(x * _across.Stride) + k]) * Pixel(from);
                sum.Store(target + (3 * x));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Pixel(byte* from) => Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(
        Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(from)).AsByte())).AsInt32());

    private void WriteRows(Span<float> target)
    {
        var length = _targetWidth * 3;
        for (; _written < _targetHeight && _down.First[_written] + _down.Count[_written] <= _taken; _written++)
            Mix(target.Slice(_written * length, length), _written);
    }

    private void Mix(Span<float> target, int row)
    {
        var (first, count) = (_down.First[row], _down.Count[row]);
        var weights = _down.Values.Slice(row * _down.Stride, count);
        if (count == 0)
        {
            target.Clear();
            return;
        }
        TensorPrimitives.Multiply(Between(first), weights[0], target);
        for (var k = 1; k < count; k++)
            TensorPrimitives.MultiplyAdd(Between(first + k), weights[k], target, target);

        ReadOnlySpan<float> Between(int source) => _between.AsSpan(source % _down.Stride * _stride, _targetWidth * 3);
    }
}
