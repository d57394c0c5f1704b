namespace TransferKit.WeightSources.Hdf5;

/// <summary>A chunk as the file holds it.</summary>
/// <param name="Address">Where it is; 0, where the file's head is, for one that was never written.</param>
/// <param name="Length">Its bytes after filters.</param>
/// <param name="SkippedFilters">A bit for each filter that it did not pass.</param>
internal readonly record struct StoredChunk(long Address, long Length, uint SkippedFilters)
{
    public bool IsWritten => Address > 0;
}

/// <summary>Reads the index of an array's chunks, of any kind.</summary>
internal sealed class ChunkIndex
{
    private readonly Hdf5Bytes _file;
    private readonly ChunkGrid _grid;
    private readonly ChunkedLayout _layout;
    private readonly StoredChunk[] _chunks;

    private ChunkIndex(Hdf5Bytes file, ChunkGrid grid, ChunkedLayout layout) =>
        (_file, _grid, _layout, _chunks) = (file, grid, layout, new StoredChunk[grid.Count]);

    /// <summary>All chunks of the grid in its order.</summary>
    public static StoredChunk[] Read(Hdf5Bytes file, ChunkGrid grid, ChunkedLayout layout, bool filtered)
    {
        var index = new ChunkIndex(file, grid, layout);
        if (layout.Address != Hdf5Cursor.Undefined)
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

    // All chunks of the array at its largest lie one behind the other.
    private long ImplicitAddress(int chunk)
    {
        var number = _grid.NumberOf(chunk);
        _file.Check(_layout.Address, Math.Min(number, _file.Length + 1));
        return _layout.Address + number * _grid.ChunkBytes;
    }

    // Length, skipped filters and the chunk's first element, which has one more dimension for the element's bytes.
    private void AddOlder(ReadOnlySpan<byte> key, long address)
    {
        var cursor = new Hdf5Cursor(key);
        var (length, mask) = (cursor.U32(), cursor.U32());
        Span<long> place = stackalloc long[_grid.Shape.Length];
        for (var d = 0; d < place.Length; d++)
        {
            (place[d], var rest) = Math.DivRem(cursor.Length(), _grid.Chunk[d]);
            if (rest != 0)
                throw Hdf5Exception.Damaged("a chunk starts within another");
        }
        if (_grid.TryFind(place, out var chunk))
            Add(chunk, new StoredChunk(address, length, mask));
    }

    private void AddRecord(ReadOnlySpan<byte> record, bool filtered)
    {
        var placeLength = 8 * _grid.Shape.Length;
        if (record.Length < placeLength)
            throw Hdf5Exception.Damaged("its B-tree's sizes make no sense");
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

    // An address; of a filtered chunk also its length, in as many bytes as are left, and the skipped filters.
    private StoredChunk Element(ReadOnlySpan<byte> element, bool filtered)
    {
        var cursor = new Hdf5Cursor(element);
        var address = cursor.Address();
        if (!filtered)
            return new StoredChunk(address, _grid.ChunkBytes, 0);
        var lengthLength = cursor.Remaining - 4;
        if (lengthLength is < 1 or > 8)
            throw Hdf5Exception.Damaged("its index of chunks makes no sense");
        return new StoredChunk(address, cursor.Unsigned(lengthLength), cursor.U32());
    }

    private void Add(int chunk, StoredChunk stored)
    {
        if (chunk >= _chunks.Length)
            throw Hdf5Exception.Damaged("it has a chunk outside itself");
        if (_chunks[chunk].IsWritten)
            throw Hdf5Exception.Damaged("two chunks have one place");
        _file.Check(stored.Address, stored.Length);
        _chunks[chunk] = stored;
    }
}
