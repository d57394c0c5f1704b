namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents a chunk as stored in the file.</summary>
/// <param name="Address">The chunk's address; 0 if it was never written, because the file's head is there.</param>
/// <param name="Length">The length in bytes after filters.</param>
/// <param name="SkippedFilters">A bit mask of the filters that were not applied.</param>
internal readonly record struct StoredChunk(long Address, long Length, uint SkippedFilters)
{
    public bool IsWritten => Address > 0;
}

/// <summary>Reads an array's chunk index of any kind.</summary>
internal sealed class ChunkIndex
{
    private readonly Hdf5Bytes _file;
    private readonly ChunkGrid _grid;
    private readonly ChunkedLayout _layout;
    private readonly StoredChunk[] _chunks;

    private ChunkIndex(Hdf5Bytes file, ChunkGrid grid, ChunkedLayout layout) =>
        (_file, _grid, _layout, _chunks) = (file, grid, layout, new StoredChunk[grid.Count]);

    /// <summary>Reads all chunks in the order of the grid.</summary>
    public static StoredChunk[] Read(Hdf5Bytes file, ChunkGrid grid, ChunkedLayout layout, bool filtered)
    {
        var index = new ChunkIndex(file, grid, layout);
        index.Read(filtered);
        return index._chunks;
    }

    private void Read(bool filtered)
    {
        switch (_layout.Index)
        {
            case ChunkIndexKind.BTree1:
                var places = _grid.Shape.Length + 1;
                BTree1.Walk(_file, _layout.Address, BTree1.Chunks, keyLength: 8 + 8 * places, AddOlder);
                break;
            case ChunkIndexKind.Single:
                Add(0, new StoredChunk(_layout.Address, _layout.SingleLength ?? _grid.ChunkBytes, _layout.SingleMask));
                break;
            case ChunkIndexKind.Implicit:
                for (var chunk = 0; chunk < _grid.Count; chunk++)
                    Add(chunk, new StoredChunk(ImplicitAddress(chunk), _grid.ChunkBytes, 0));
                break;
            case ChunkIndexKind.FixedArray:
                new FixedArray(_file, _layout.Address, filtered).Read(AddElement);
                break;
            case ChunkIndexKind.ExtensibleArray:
                new ExtensibleArray(_file, _layout.Address, filtered).Read(AddElement);
                break;
            default:
                var type = filtered ? BTree2.FilteredChunks : BTree2.Chunks;
                BTree2.Walk(_file, _layout.Address, type, record => AddRecord(record, filtered));
                break;
        }
    }

    // The chunks of the array at its maximum size are stored one after another.
    private long ImplicitAddress(int chunk)
    {
        var number = _grid.NumberOf(chunk);
        _file.Check(_layout.Address, Math.Min(number, _file.Length + 1));
        return _layout.Address + number * _grid.ChunkBytes;
    }

    // The key holds length, skipped filters and the chunk's first element; that has an extra dimension for the element's bytes.
    private void AddOlder(ReadOnlySpan<byte> key, long address)
    {
        var cursor = new Hdf5Cursor(key);
        var (length, mask) = (cursor.U32(), cursor.U32());
        Span<long> place = stackalloc long[_grid.Shape.Length];
        for (var d = 0; d < place.Length; d++)
        {
            (place[d], var rest) = Math.DivRem(cursor.Length(), _grid.Chunk[d]);
            if (rest != 0)
                throw Hdf5Exception.Damaged("a chunk does not start on the grid");
        }
        if (_grid.TryFind(place, out var chunk))
            Add(chunk, new StoredChunk(address, length, mask));
    }

    private void AddRecord(ReadOnlySpan<byte> record, bool filtered)
    {
        var placeLength = 8 * _grid.Shape.Length;
        if (record.Length < placeLength)
            throw Hdf5Exception.Damaged("its B-tree's sizes are invalid");
        var cursor = new Hdf5Cursor(record[^placeLength..]);
        Span<long> place = stackalloc long[_grid.Shape.Length];
        foreach (ref var p in place)
            p = cursor.Length();
        if (_grid.TryFind(place, out var chunk))
            Add(chunk, Element(record[..^placeLength], filtered));
    }

    private void AddElement(long number, ReadOnlySpan<byte> element, bool filtered)
    {
        var stored = Element(element, filtered);
        if (stored.Address != Hdf5Cursor.Undefined && _grid.TryFind(number, out var chunk))
            Add(chunk, stored);
    }

    // An element holds an address. For a filtered chunk, a length of variable size and the skipped filters follow.
    private StoredChunk Element(ReadOnlySpan<byte> element, bool filtered)
    {
        var cursor = new Hdf5Cursor(element);
        var address = cursor.Address();
        if (!filtered)
            return new StoredChunk(address, _grid.ChunkBytes, 0);
        var lengthLength = cursor.Remaining - 4;
        if (lengthLength is < 1 or > 8)
            throw Hdf5Exception.Damaged("its index of chunks is invalid");
        return new StoredChunk(address, cursor.Unsigned(lengthLength), cursor.U32());
    }

    private void Add(int chunk, StoredChunk stored)
    {
        if (_chunks[chunk].IsWritten)
            throw Hdf5Exception.Damaged("two chunks have the same position");
        _file.Check(stored.Address, stored.Length);
        _chunks[chunk] = stored;
    }
}
