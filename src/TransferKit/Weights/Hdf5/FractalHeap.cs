using System.Numerics;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// Reads the heap that stores the links or attributes of a group in the newer format if there are many. Block sizes double from row to row,
/// and blocks of pointers locate them. Large objects are stored outside and listed in a B-tree.
/// </summary>
internal sealed class FractalHeap
{
    private const int HeadLength = 146;
    private const int ManagedKind = 0;
    private const int HugeKind = 1;

    private readonly Hdf5Bytes _file;
    private readonly Dictionary<long, byte[]> _blocks = [];
    private readonly bool _checksums;
    private readonly int _offsetLength;
    private readonly int _lengthLength;
    private readonly int _width;
    private readonly long _startLength;
    private readonly int _directRows;
    private readonly long _root;
    private readonly int _rootRows;
    private readonly long _hugeTree;
    private Dictionary<long, (long Address, long Length)>? _huge;

    public FractalHeap(Hdf5Bytes file, long address)
    {
        _file = file;
        var block = file.Block(address, HeadLength);
        Hdf5Checksum.Verify(block, "heap");
        var head = new Hdf5Cursor(block);
        head.Signature("FRHP"u8, "heap");
        head.Version("heap", 0, 0);
        head.Skip(2);
        if (head.U16() != 0)
            throw Hdf5Exception.Refused("has a heap with filters");
        _checksums = (head.U8() & 2) != 0;
        long largestObject = head.U32();
        head.Skip(8);
        _hugeTree = head.Address();
        head.Skip(10 * 8);
        _width = head.U16();
        _startLength = head.Length();
        var largestDirect = head.Length();
        var offsetBits = head.U16();
        head.Skip(2);
        _root = head.Address();
        _rootRows = head.U16();
        if (!BitOperations.IsPow2(_width) || !BitOperations.IsPow2(_startLength) || !BitOperations.IsPow2(largestDirect)
            || largestDirect < _startLength || largestDirect > int.MaxValue || offsetBits is 0 or > 62)
        {
            throw Hdf5Exception.Damaged("its heap's sizes are invalid");
        }
        _offsetLength = (offsetBits + 7) / 8;
        var lengthOfObject = BitOperations.Log2((ulong)Math.Max(1, largestObject)) / 8 + 1;
        _lengthLength = Math.Min((BitOperations.Log2((ulong)largestDirect) + 7) / 8, lengthOfObject);
        _directRows = BitOperations.Log2((ulong)largestDirect) - BitOperations.Log2((ulong)_startLength) + 2;
    }

    /// <summary>Reads the object with an ID.</summary>
    public ReadOnlyMemory<byte> Read(ReadOnlySpan<byte> id)
    {
        var cursor = new Hdf5Cursor(id);
        var head = cursor.U8();
        switch (head >> 4)
        {
            case ManagedKind:
                var offset = cursor.Unsigned(_offsetLength);
                var length = cursor.Unsigned(_lengthLength);
                var (block, start) = FindBlock(offset);
                if (length > block.Length - (offset - start))
                    throw Hdf5Exception.Damaged("an object lies outside its heap");
                _file.Charge(length);
                return block.AsMemory((int)(offset - start), (int)length);
            case HugeKind:
                var huge = Huge(cursor.Unsigned(Math.Min(8, cursor.Remaining)));
                return _file.Block(huge.Address, huge.Length);
            default:
                throw Hdf5Exception.Damaged("an object of its heap has the wrong type");
        }
    }

    private (long Address, long Length) Huge(long key)
    {
        if (_huge is null)
        {
            _huge = [];
            BTree2.Walk(_file, _hugeTree, BTree2.HugeObjects, record =>
            {
                var cursor = new Hdf5Cursor(record);
                var place = (cursor.Address(), cursor.Length());
                _huge[cursor.Length()] = place;
            });
        }
        return _huge.TryGetValue(key, out var found) ? found : throw Hdf5Exception.Damaged("an object is missing from its heap");
    }

    // Follows the pointers from the root to the block that contains an offset, and returns the block with its start offset.
    private (byte[] Block, long Start) FindBlock(long offset)
    {
        var (address, start, rows, length) = (_root, 0L, _rootRows, _startLength);
        while (rows > 0)
        {
            var place = offset - start;
            var rowLength = _width * _startLength;
            var row = place < rowLength ? 0 : BitOperations.Log2((ulong)(place / rowLength)) + 1;
            if (row >= rows)
                throw Hdf5Exception.Damaged("an object lies outside its heap");
            var rowStart = row == 0 ? 0 : rowLength << (row - 1);
            length = row == 0 ? _startLength : _startLength << (row - 1);
            var column = (place - rowStart) / length;
            var pointers = Block(address, PointersLength(rows), "FHIB"u8, verify: true);
            address = new Hdf5Cursor(pointers.AsSpan((int)(BlockHead + (row * (long)_width + column) * sizeof(long)))).Address();
            start += rowStart + column * length;
            // A block of pointers has fewer rows than its parent.
            rows = row < _directRows ? 0 : BitOperations.Log2((ulong)(length / rowLength)) + 1;
        }
        return (Block(address, length, "FHDB"u8, _checksums), start);
    }

    // The head holds signature, version, the heap's address and the block's offset.
    private int BlockHead => 4 + 1 + 8 + _offsetLength;

    private long PointersLength(int rows) => BlockHead + (long)rows * _width * sizeof(long) + 4;

    private byte[] Block(long address, long length, ReadOnlySpan<byte> signature, bool verify)
    {
        if (_blocks.TryGetValue(address, out var block))
            return block.Length == length ? block : throw Hdf5Exception.Damaged("two blocks of its heap overlap");
        block = _file.Block(address, length);
        new Hdf5Cursor(block).Signature(signature, "heap");
        if (verify && signature[2] == (byte)'I')
            Hdf5Checksum.Verify(block, "heap");
        else if (verify)
            VerifyInside(block);
        return _blocks[address] = block;
    }

    // The checksum of an object block follows its head, and is computed with zeros in its place.
    private void VerifyInside(byte[] block)
    {
        var place = new Hdf5Cursor(block);
        place.Skip(BlockHead);
        var expected = place.U32();
        block.AsSpan(BlockHead, 4).Clear();
        if (Hdf5Checksum.Lookup3(block) != expected)
            throw Hdf5Exception.Damaged("the checksum of its heap is wrong");
    }
}
