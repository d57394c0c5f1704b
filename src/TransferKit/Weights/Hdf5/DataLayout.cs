namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents how the elements of an array are stored.</summary>
internal abstract record DataLayout
{
    private const int CompactClass = 0;
    private const int ContiguousClass = 1;
    private const int ChunkedClass = 2;
    private const int VirtualClass = 3;

    public static DataLayout Parse(ReadOnlyMemory<byte> message)
    {
        var cursor = new Hdf5Cursor(message.Span);
        var version = cursor.Version("data layout", 3, 4);
        switch (cursor.U8())
        {
            case CompactClass:
                return new CompactLayout(cursor.Take(cursor.U16()).ToArray());
            case ContiguousClass:
                return new ContiguousLayout(cursor.Address(), cursor.Length());
            case ChunkedClass when version == 3:
                return Older(ref cursor);
            case ChunkedClass:
                return Newer(ref cursor);
            case VirtualClass:
                throw Hdf5Exception.Refused("is a virtual dataset, whose numbers lie in other files");
            default:
                throw Hdf5Exception.Damaged("its data layout has an unknown class");
        }
    }

    private static ChunkedLayout Older(ref Hdf5Cursor cursor)
    {
        var dimensions = cursor.U8();
        var address = cursor.Address();
        var (chunk, elementSize) = Chunk(ref cursor, dimensions, lengthOfEach: 4);
        return new ChunkedLayout(chunk, elementSize, ChunkIndexKind.BTree1, address);
    }

    private static ChunkedLayout Newer(ref Hdf5Cursor cursor)
    {
        const int EdgesAreUnfiltered = 1;
        const int SingleIsFiltered = 2;
        var flags = cursor.U8();
        var dimensions = cursor.U8();
        var lengthOfEach = cursor.U8();
        if (lengthOfEach is 0 or > 8)
            throw Hdf5Exception.Damaged("its chunks' sizes are invalid");
        var (chunk, elementSize) = Chunk(ref cursor, dimensions, lengthOfEach);
        var kind = (ChunkIndexKind)cursor.U8();
        long? singleLength = null;
        uint singleMask = 0;
        switch (kind)
        {
            case ChunkIndexKind.Single when (flags & SingleIsFiltered) != 0:
                (singleLength, singleMask) = (cursor.Length(), cursor.U32());
                break;
            case ChunkIndexKind.Single or ChunkIndexKind.Implicit:
                break;
            // The skipped parameters are repeated in the index's own header.
            case ChunkIndexKind.FixedArray:
                cursor.Skip(1);
                break;
            case ChunkIndexKind.ExtensibleArray:
                cursor.Skip(5);
                break;
            case ChunkIndexKind.BTree2:
                cursor.Skip(6);
                break;
            default:
                throw Hdf5Exception.Damaged($"its index of chunks has the unknown type {(int)kind}");
        }
        return new ChunkedLayout(chunk, elementSize, kind, cursor.Address())
        {
            EdgesAreUnfiltered = (flags & EdgesAreUnfiltered) != 0,
            SingleLength = singleLength,
            SingleMask = singleMask,
        };
    }

    // The last dimension is the size of an element.
    private static (long[] Chunk, long ElementSize) Chunk(ref Hdf5Cursor cursor, int dimensions, int lengthOfEach)
    {
        if (dimensions is < 2 or > Dataspace.MostDimensions + 1)
            throw Hdf5Exception.Damaged("its chunks' dimensions are invalid");
        var chunk = new long[dimensions - 1];
        foreach (ref var d in chunk.AsSpan())
            d = cursor.Unsigned(lengthOfEach);
        return (chunk, cursor.Unsigned(lengthOfEach));
    }
}

/// <summary>Represents elements in the object's header.</summary>
internal sealed record CompactLayout(byte[] Data) : DataLayout;

/// <summary>Represents elements in one contiguous part of the file.</summary>
internal sealed record ContiguousLayout(long Address, long Length) : DataLayout;

/// <summary>Specifies how the chunks of an array are found. The values are the file format's.</summary>
internal enum ChunkIndexKind { BTree1, Single, Implicit, FixedArray, ExtensibleArray, BTree2 }

/// <summary>Represents elements in chunks of one shape, to each of which filters may be applied.</summary>
/// <param name="Chunk">The shape of a chunk.</param>
/// <param name="ElementSize">The size of an element in bytes.</param>
/// <param name="Index">The kind of the chunk index.</param>
/// <param name="Address">The address of the index, or of the first chunk if the index is implicit.</param>
internal sealed record ChunkedLayout(long[] Chunk, long ElementSize, ChunkIndexKind Index, long Address) : DataLayout
{
    /// <summary>Gets whether no filters are applied to chunks that extend beyond the array's edge.</summary>
    public bool EdgesAreUnfiltered { get; init; }

    /// <summary>Gets the stored length of a single filtered chunk, which has no index to store it.</summary>
    public long? SingleLength { get; init; }

    /// <summary>Gets the filters that were not applied to the single chunk.</summary>
    public uint SingleMask { get; init; }
}
