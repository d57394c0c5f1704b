namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// Writes the collections that hold strings of variable length. A collection takes strings up to 4096 bytes, HDF5's minimum size; a longer
/// string gets its own collection.
/// </summary>
internal sealed class Hdf5WriteGlobalHeap
{
    private const int SmallestCollection = 4096;
    private const int ObjectHeader = 16;

    private readonly List<Hdf5WriteBlock> _collections = [];
    private List<byte[]> _open = [];
    private long _used;

    public IReadOnlyList<Hdf5WriteBlock> Collections => _collections;

    public Place Add(byte[] text)
    {
        var size = ObjectHeader + (text.Length + 7L & ~7L);
        if (_open.Count == 0 || _used + size > SmallestCollection)
        {
            // The collection's header and the free space at its end take 16 bytes each.
            var texts = _open = [];
            _used = 2 * ObjectHeader;
            _collections.Add(new(bytes => Write(bytes, texts)));
        }
        _open.Add(text);
        _used += size;
        return new(_collections[^1], _open.Count);
    }

    private static void Write(Hdf5WriteBytes bytes, List<byte[]> texts)
    {
        var used = 2 * ObjectHeader + texts.Sum(t => ObjectHeader + (t.Length + 7L & ~7L));
        var size = Math.Max(SmallestCollection, used);
        bytes.Bytes("GCOL"u8).Byte(1).Zeros(3).UInt64(size);
        for (var i = 0; i < texts.Count; i++)
            bytes.UInt16(i + 1).UInt16(0).UInt32(0).UInt64(texts[i].Length).Bytes(texts[i]).Align();
        var free = size - used + ObjectHeader;
        bytes.UInt16(0).UInt16(0).UInt32(0).UInt64(free).Zeros((int)free - ObjectHeader);
    }

    /// <summary>Represents the position of a string: its collection, and its index there.</summary>
    internal sealed record Place(Hdf5WriteBlock Collection, int Index);
}
