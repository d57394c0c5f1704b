using System.Numerics;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// Reads the chunk index of an array that can grow in one dimension. A first block holds some elements and pointers to blocks of elements.
/// The lengths and numbers of these blocks double in turn, and later ones are reached through blocks of pointers.
/// </summary>
internal sealed class ExtensibleArray
{
    private const int HeadLength = 72;
    // The head holds signature, version, kind and the header's address.
    private const int BlockHead = 14;

    private readonly Hdf5Bytes _file;
    private readonly bool _filtered;
    private readonly int _elementLength;
    private readonly int _offsetLength;
    private readonly int _firstElements;
    private readonly int _leastElements;
    private readonly int _leastPointers;
    private readonly int _groups;
    private readonly long _pageCount;
    private readonly long _used;
    private readonly long _address;

    public ExtensibleArray(Hdf5Bytes file, long address, bool filtered)
    {
        (_file, _filtered) = (file, filtered);
        var block = file.Block(address, HeadLength);
        Hdf5Checksum.Verify(block, "index of chunks");
        var head = new Hdf5Cursor(block);
        head.Signature("EAHD"u8, "index of chunks");
        head.Version("index of chunks", 0, 0);
        FixedArray.CheckKind(head.U8(), filtered);
        _elementLength = head.U8();
        var bits = head.U8();
        _firstElements = head.U8();
        _leastElements = head.U8();
        _leastPointers = head.U8();
        _pageCount = 1L << Math.Min(head.U8(), 62);
        head.Skip(4 * 8);
        _used = head.Length();
        head.Skip(8);
        _address = head.Address();
        if (bits > 62 || !BitOperations.IsPow2(_leastElements) || !BitOperations.IsPow2(_leastPointers) || _elementLength == 0)
            throw Hdf5Exception.Damaged("its index of chunks is invalid");
        _offsetLength = (bits + 7) / 8;
        _groups = 1 + bits - BitOperations.Log2((uint)_leastElements);
    }

    public void Read(VisitElement visit)
    {
        if (_address == Hdf5Cursor.Undefined)
            return;
        // The first block points directly to the blocks of the first groups, and to one block of pointers for each later group.
        var direct = Math.Min(2 * BitOperations.Log2((uint)_leastPointers), _groups);
        var pointers = 0L;
        for (var group = 0; group < direct; group++)
            pointers += BlocksOf(group);
        var length = BlockHead + (long)_firstElements * _elementLength + (pointers + _groups - direct) * 8 + 4;
        var block = Block(_address, length, "EAIB"u8);
        var cursor = new Hdf5Cursor(block.AsSpan(BlockHead));
        var first = VisitAll(cursor.Take(_firstElements * _elementLength), 0, visit);
        for (var group = 0; group < direct; group++)
        {
            for (var i = 0L; i < BlocksOf(group); i++, first += ElementsOf(group))
                ReadElements(cursor.Address(), first, ElementsOf(group), default, 0, visit);
        }
        for (var group = direct; group < _groups && first < _used; group++)
        {
            ReadGroup(cursor.Address(), group, first, visit);
            first += BlocksOf(group) * ElementsOf(group);
        }
    }

    private static long BlocksOf(int group) => 1L << (group / 2);

    private long ElementsOf(int group) => (long)_leastElements << ((group + 1) / 2);

    private void ReadGroup(long address, int group, long first, VisitElement visit)
    {
        if (address == Hdf5Cursor.Undefined)
            return;
        var (blocks, elements) = (BlocksOf(group), ElementsOf(group));
        var bitmapLength = elements > _pageCount ? (elements / _pageCount + 7) / 8 : 0;
        _file.Check(address, Math.Max(blocks, bitmapLength));
        var block = Block(address, BlockHead + _offsetLength + blocks * (bitmapLength + 8) + 4, "EASB"u8);
        var cursor = new Hdf5Cursor(block.AsSpan(BlockHead + _offsetLength));
        var bitmap = cursor.Take(blocks * bitmapLength);
        for (var i = 0L; i < blocks; i++, first += elements)
            ReadElements(cursor.Address(), first, elements, bitmap, i * (elements / _pageCount), visit);
    }

    // A long block of elements is split into pages; a page whose bit is not set was never written.
    private void ReadElements(long address, long first, long count, ReadOnlySpan<byte> bitmap, long firstBit, VisitElement visit)
    {
        if (address == Hdf5Cursor.Undefined)
            return;
        var head = BlockHead + _offsetLength;
        if (count <= _pageCount)
        {
            VisitAll(Block(address, head + count * _elementLength + 4, "EADB"u8).AsSpan(head..^4), first, visit);
            return;
        }
        Block(address, head + 4, "EADB"u8);
        var pageLength = _pageCount * _elementLength + 4;
        for (var page = 0L; page < count / _pageCount; page++)
        {
            var bit = firstBit + page;
            if (bit / 8 >= bitmap.Length)
                throw Hdf5Exception.Damaged("its index of chunks is invalid");
            if ((bitmap[(int)(bit / 8)] & 0x80 >> (int)(bit % 8)) == 0)
                continue;
            var bytes = _file.Block(address + head + 4 + page * pageLength, pageLength);
            Hdf5Checksum.Verify(bytes, "index of chunks");
            VisitAll(bytes.AsSpan(..^4), first + page * _pageCount, visit);
        }
    }

    private byte[] Block(long address, long length, ReadOnlySpan<byte> signature)
    {
        var block = _file.Block(address, length);
        Hdf5Checksum.Verify(block, "index of chunks");
        new Hdf5Cursor(block).Signature(signature, "index of chunks");
        return block;
    }

    private long VisitAll(ReadOnlySpan<byte> elements, long number, VisitElement visit)
    {
        for (; elements.Length >= _elementLength; elements = elements[_elementLength..])
            visit(number++, elements[.._elementLength], _filtered);
        return number;
    }
}
