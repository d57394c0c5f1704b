using System.Text;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents an attribute in one of the three forms that Keras' files use.</summary>
internal sealed class Hdf5WriteAttribute
{
    // Object headers store a message's length in 16 bits, including padding.
    private const int MessageLimit = 65528;

    private readonly string _name;
    private readonly byte[] _type;
    private readonly int? _length;
    private readonly byte[] _data;
    private readonly byte[]? _text;

    private Hdf5WriteAttribute(string name, byte[] type, int? length, byte[] data, byte[]? text = null)
    {
        if (name.Length == 0 || !Ascii.IsValid(name) || name.Contains('\0'))
            throw new ArgumentException($"'{name}' cannot be the name of an attribute: it is empty or not ASCII.", nameof(name));
        (_name, _type, _length, _data, _text) = (name, type, length, data, text);
    }

    /// <summary>
    /// Creates a list of strings of equal length, as h5py writes numpy's <c>S</c> arrays. An empty list becomes an array of zero floats.
    /// </summary>
    /// <exception cref="NotSupportedException">The list is longer than 64 KB.</exception>
    public static Hdf5WriteAttribute Strings(string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return new(name, Hdf5WriteTypes.Float64, 0, []);
        var bytes = values.Select(Encoding.UTF8.GetBytes).ToArray();
        var longest = Math.Max(1, bytes.Max(b => b.Length));
        var length = (long)longest * bytes.Length;
        if (64 + name.Length + length > MessageLimit)
        {
            throw new NotSupportedException(
                $"attribute '{name}' takes {length:N0} bytes, but an HDF5 object header holds at most 64 KB; split the list");
        }
        var data = new byte[length];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i].CopyTo(data, i * longest);
        return new(name, Hdf5WriteTypes.FixedString(longest), bytes.Length, data);
    }

    /// <summary>
    /// Creates a string of any length, such as a model's configuration. It is stored outside the header, in a global heap.
    /// </summary>
    public static Hdf5WriteAttribute Text(string name, string value) =>
        new(name, Hdf5WriteTypes.VariableString(isUtf8: !Ascii.IsValid(value)), null, new byte[16], Encoding.UTF8.GetBytes(value));

    /// <summary>Creates the attribute's message in version 1, whose parts are padded to 8 bytes.</summary>
    public Hdf5WriteMessage ToMessage(Hdf5WriteGlobalHeap heap)
    {
        var text = _text is null ? null : heap.Add(_text);
        return new(0x0c, 0, bytes =>
        {
            var rank = _length is null ? 0 : 1;
            bytes.Byte(1).Byte(0).UInt16(_name.Length + 1).UInt16(_type.Length).UInt16(8 + 8 * rank);
            bytes.Bytes(Encoding.ASCII.GetBytes(_name)).Byte(0).Align();
            bytes.Bytes(_type).Align();
            bytes.Byte(1).Byte(rank).Zeros(6);
            if (_length is int length)
                bytes.UInt64(length);
            if (text is null)
                bytes.Bytes(_data);
            else
                bytes.UInt32(_text!.Length).UInt64(text.Collection.Address).UInt32(text.Index);
        });
    }
}
