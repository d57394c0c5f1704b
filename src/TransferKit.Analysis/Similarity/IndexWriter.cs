using System.Runtime.InteropServices;
using TransferKit.Analysis.Linear;

namespace TransferKit.Analysis.Similarity;

/// <summary>Writes the arrays of an index to a file from rows that come one after another. It holds one block of rows in memory.</summary>
/// <param name="file">The file.</param>
/// <param name="start">The place of the first array.</param>
/// <param name="quantizer">The rounding of the rows.</param>
/// <param name="count">The number of rows to come.</param>
internal sealed class IndexWriter(FileStream file, long start, Quantizer quantizer, int count)
{
    private const int BlockRows = 256;
    private const int RowsAtOnce = 16;

    private readonly int _dimensions = quantizer.Mean.Length;
    private readonly float[] _vectors = new float[BlockRows * quantizer.Mean.Length];
    private readonly sbyte[] _codes = new sbyte[BlockRows * IndexData.Stride(quantizer.Mean.Length)];
    private readonly RowScale[] _scales = new RowScale[BlockRows];
    private int _written;
    private int _waiting;

    /// <summary>Gets the number of rows that were added.</summary>
    public int Count => _written + _waiting;

    public void Add(ReadOnlySpan<float> row)
    {
        row.CopyTo(_vectors.AsSpan(_waiting * _dimensions, _dimensions));
        if (++_waiting == BlockRows)
            Flush();
    }

    /// <summary>Writes what is left in memory, and the mean.</summary>
    public void Complete()
    {
        Flush();
        Write<float>(quantizer.Mean, start);
    }

    private void Flush()
    {
        var stride = IndexData.Stride(_dimensions);
        Blocks.Run(0, _waiting, RowsAtOnce, (from, to) =>
        {
            for (var row = from; row < to; row++)
            {
                _scales[row] = quantizer.ToCodes(
                    _vectors.AsSpan(row * _dimensions, _dimensions), _codes.AsSpan(row * stride, stride));
            }
        });
        var scales = start + sizeof(float) * (long)_dimensions;
        var codes = scales + Marshal.SizeOf<RowScale>() * (long)count;
        var vectors = codes + stride * (long)count;
        Write<RowScale>(_scales.AsSpan(0, _waiting), scales + Marshal.SizeOf<RowScale>() * (long)_written);
        Write<sbyte>(_codes.AsSpan(0, _waiting * stride), codes + stride * (long)_written);
        Write<float>(_vectors.AsSpan(0, _waiting * _dimensions), vectors + sizeof(float) * (long)_dimensions * _written);
        (_written, _waiting) = (_written + _waiting, 0);
    }

    private void Write<T>(ReadOnlySpan<T> numbers, long place)
        where T : unmanaged => RandomAccess.Write(file.SafeFileHandle, MemoryMarshal.AsBytes(numbers), place);
}
