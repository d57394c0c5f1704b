namespace TransferKit.WeightSources.Hdf5;

/// <summary>Reads strings of variable length from collections that objects share.</summary>
internal sealed class GlobalHeap(Hdf5Bytes file)
{
    private const int HeadLength = 16;

    private readonly Dictionary<long, Dictionary<int, ReadOnlyMemory<byte>>> _collections = [];

    /// <summary>Reads the bytes of one object of a collection.</summary>
    public ReadOnlySpan<byte> Read(long address, int index, long length)
    {
        if (!_collections.TryGetValue(address, out var collection))
            _collections[address] = collection = ReadCollection(address);
        if (!collection.TryGetValue(index, out var bytes) || bytes.Length < length)
            throw Hdf5Exception.Damaged("a string refers to bytes that do not exist");
        file.Charge(length);
        return bytes.Span[..(int)length];
    }

    private Dictionary<int, ReadOnlyMemory<byte>> ReadCollection(long address)
    {
        var head = new Hdf5Cursor(file.Block(address, HeadLength));
        head.Signature("GCOL"u8, "heap of strings");
        head.Version("heap of strings", 1, 1);
        head.Skip(3);
        var block = file.Block(address, head.Length()).AsMemory();
        var objects = new Dictionary<int, ReadOnlyMemory<byte>>();
        for (var at = HeadLength; at + HeadLength <= block.Length;)
        {
            var cursor = new Hdf5Cursor(block.Span[at..]);
            var index = cursor.U16();
            // Index 0 is the free space at the end of a collection.
            if (index == 0)
                break;
            cursor.Skip(6);
            var length = cursor.Length();
            if (length > block.Length - at - HeadLength || !objects.TryAdd(index, block.Slice(at + HeadLength, (int)length)))
                throw Hdf5Exception.Damaged("its heap of strings is invalid");
            at += HeadLength + (int)Math.Min((length + 7) / 8 * 8, block.Length);
        }
        return objects;
    }
}
