namespace TransferKit.WeightSources.Hdf5;

/// <summary>Receives an element of a chunk index.</summary>
internal delegate void VisitElement(long number, ReadOnlySpan<byte> element, bool filtered);

/// <summary>Reads the chunk index of an array of fixed size: one array, split into pages if it is long.</summary>
internal sealed class FixedArray
{
    private const int HeadLength = 28;
    // The head holds signature, version, kind and the header's address.
    private const int BlockHead = 14;

    private readonly Hdf5Bytes _file;
    private readonly bool _filtered;
    private readonly int _elementLength;
    private readonly long _pageCount;
    private readonly long _count;
    private readonly long _address;

    public FixedArray(Hdf5Bytes file, long address, bool filtered)
    {
        (_file, _filtered) = (file, filtered);
        var block = file.Block(address, HeadLength);
        Hdf5Checksum.Verify(block, "index of chunks");
        var head = new Hdf5Cursor(block);
        head.Signature("FAHD"u8, "index of chunks");
        head.Version("index of chunks", 0, 0);
        CheckKind(head.U8(), filtered);
        _elementLength = head.U8();
        _pageCount = 1L << Math.Min(head.U8(), 62);
        _count = head.Length();
        _address = head.Address();
    }

    public static void CheckKind(int kind, bool filtered)
    {
        if (kind != (filtered ? 1 : 0))
            throw Hdf5Exception.Damaged("its index of chunks and its filters contradict each other");
    }

    public void Read(VisitElement visit)
    {
        if (_address == Hdf5Cursor.Undefined)
            return;
        // The elements must fit into the file, which bounds their number.
        _file.Check(_address, Math.Min(_count, long.MaxValue / 256) * (_count > _pageCount ? 0 : _elementLength));
        var pages = _count > _pageCount ? (_count - 1) / _pageCount + 1 : 0;
        var bitmapLength = (pages + 7) / 8;
        var length = BlockHead + bitmapLength + (pages > 0 ? 0 : _count * _elementLength) + 4;
        var block = _file.Block(_address, length);
        Hdf5Checksum.Verify(block, "index of chunks");
        new Hdf5Cursor(block).Signature("FADB"u8, "index of chunks");
        if (pages == 0)
            VisitAll(block.AsSpan(BlockHead..^4), 0, visit);
        else
            ReadPages(block.AsSpan(BlockHead..^4), _address + length, visit);
    }

    // A page whose bit is not set was never written.
    private void ReadPages(ReadOnlySpan<byte> bitmap, long at, VisitElement visit)
    {
        for (long first = 0, page = 0; first < _count; first += _pageCount, page++)
        {
            var length = Math.Min(_pageCount, _count - first) * _elementLength + 4;
            if ((bitmap[(int)(page / 8)] & 0x80 >> (int)(page % 8)) != 0)
            {
                var block = _file.Block(at, length);
                Hdf5Checksum.Verify(block, "index of chunks");
                VisitAll(block.AsSpan(..^4), first, visit);
            }
            at += length;
        }
    }

    private void VisitAll(ReadOnlySpan<byte> elements, long first, VisitElement visit)
    {
        for (var number = first; elements.Length >= _elementLength && _elementLength > 0; number++)
        {
            visit(number, elements[.._elementLength], _filtered);
            elements = elements[_elementLength..];
        }
    }
}
