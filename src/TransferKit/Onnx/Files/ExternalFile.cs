using System.Globalization;
using Onnx;

namespace TransferKit.Onnx.Files;

/// <summary>Writes tensors one after another to the weights file of a model, aligned so that they can be mapped into memory.</summary>
internal sealed class ExternalFile(Stream data, string location)
{
    private const int CacheLine = 64;

    // Windows maps a file from multiples of its allocation granularity; only large tensors are aligned to that.
    private const int LargeTensor = 1 << 20;
    private const int MappingGranularity = 1 << 16;

    private long _position;

    /// <summary>Writes a tensor's numbers and makes the tensor refer to them.</summary>
    public void Add(TensorProto tensor, long length, Action write)
    {
        var alignment = length >= LargeTensor ? MappingGranularity : CacheLine;
        var gap = (int)((alignment - _position % alignment) % alignment);
        data.Write(new byte[gap]);
        _position += gap;
        write();
        tensor.ClearRawData();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Clear();
        foreach (var (key, value) in new[] { ("location", location), ("offset", Text(_position)), ("length", Text(length)) })
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        _position += length;
    }

    /// <summary>Returns the place of a tensor's numbers in its external file; null if they are in the model.</summary>
    public static (long Offset, long Length)? PlaceOf(TensorProto tensor) => tensor.DataLocation == TensorProto.Types.DataLocation.External
        ? (Entry(tensor, "offset"), Entry(tensor, "length"))
        : null;

    private static long Entry(TensorProto tensor, string key) =>
        tensor.ExternalData.FirstOrDefault(e => e.Key == key) is { } entry ? long.Parse(entry.Value, CultureInfo.InvariantCulture) : 0;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
