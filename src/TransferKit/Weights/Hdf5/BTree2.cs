using System.Numerics;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Reads a B-tree of version 2, whose records have one type and length.</summary>
internal static class BTree2
{
    public const int HugeObjects = 1;
    public const int LinkNames = 5;
    public const int AttributeNames = 8;
    public const int Chunks = 10;
    public const int FilteredChunks = 11;

    private const int HeadLength = 38;
    // A node's overhead is signature, version, type and checksum.
    private const int NodeOverhead = 10;

    public delegate void Visit(ReadOnlySpan<byte> record);

    /// <summary>Visits all records; a node's records come before those of its children.</summary>
    public static void Walk(Hdf5Bytes file, long address, int type, Visit visit)
    {
        var block = file.Block(address, HeadLength);
        Hdf5Checksum.Verify(block, "B-tree");
        var head = new Hdf5Cursor(block);
        head.Signature("BTHD"u8, "B-tree");
        head.Version("B-tree", 0, 0);
        CheckType(head.U8(), type);
        long nodeLength = head.U32();
        var recordLength = head.U16();
        var depth = head.U16();
        head.Skip(2);
        var root = head.Address();
        var count = head.U16();
        if (root == Hdf5Cursor.Undefined)
            return;
        if (nodeLength <= NodeOverhead || recordLength == 0)
            throw Hdf5Exception.Damaged("its B-tree's sizes are invalid");
        var pointers = PointerLengths(nodeLength, recordLength, depth);
        var open = new Stack<(long Address, int Count, int Level)>([(root, count, depth)]);
        while (open.TryPop(out var node))
            Visit1(node.Address, node.Count, node.Level);

        void Visit1(long at, int records, int level)
        {
            var (countLength, totalLength) = pointers[level];
            long length = NodeOverhead + (long)records * recordLength;
            if (level > 0)
                length += (records + 1L) * (sizeof(long) + countLength + totalLength);
            if (length > nodeLength)
                throw Hdf5Exception.Damaged("a node of its B-tree has too many records");
            var bytes = file.Block(at, length);
            Hdf5Checksum.Verify(bytes, "B-tree");
            var cursor = new Hdf5Cursor(bytes);
            cursor.Signature(level > 0 ? "BTIN"u8 : "BTLF"u8, "B-tree");
            cursor.Version("B-tree", 0, 0);
            CheckType(cursor.U8(), type);
            for (var i = 0; i < records; i++)
                visit(cursor.Take(recordLength));
            for (var i = 0; level > 0 && i <= records; i++)
            {
                var child = cursor.Address();
                open.Push((child, (int)cursor.Unsigned(countLength), level - 1));
                cursor.Skip(totalLength);
            }
        }
    }

    // Computes, for each level, the lengths of a child pointer's two counts: the child's records, and all records below it.
    private static (int Count, int Total)[] PointerLengths(long nodeLength, int recordLength, int depth)
    {
        const int Deepest = 16;
        if (depth > Deepest)
            throw Hdf5Exception.Damaged($"its B-tree is {depth} levels deep");
        var most = (nodeLength - NodeOverhead) / recordLength;
        var countLength = BytesFor(most);
        var (below, lengths) = (most, new (int, int)[depth + 1]);
        for (var level = 1; level <= depth; level++)
        {
            var totalLength = level > 1 ? BytesFor(below) : 0;
            lengths[level] = (countLength, totalLength);
            var pointer = sizeof(long) + countLength + totalLength;
            var records = (nodeLength - NodeOverhead - pointer) / (recordLength + pointer);
            if (records <= 0 || below > long.MaxValue / 4 / (records + 1))
                throw Hdf5Exception.Damaged("its B-tree's sizes are invalid");
            below = (records + 1) * below + records;
        }
        return lengths;
    }

    private static int BytesFor(long value) => BitOperations.Log2((ulong)value) / 8 + 1;

    private static void CheckType(int found, int expected)
    {
        if (found != expected)
            throw Hdf5Exception.Damaged("its B-tree has the wrong type");
    }
}
