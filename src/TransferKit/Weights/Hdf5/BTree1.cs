namespace TransferKit.WeightSources.Hdf5;

/// <summary>Reads a B-tree of version 1, which holds the names of a group in the old format or an array's chunks.</summary>
internal static class BTree1
{
    public const int Groups = 0;
    public const int Chunks = 1;

    private const int HeadLength = 24;

    public delegate void Leaf(ReadOnlySpan<byte> key, long child);

    /// <summary>Visits all children of the leaves in order, each with the key before it.</summary>
    public static void Walk(Hdf5Bytes file, long root, int type, int keyLength, Leaf leaf)
    {
        // A child must be one level below its parent, which rules out cycles.
        var open = new Stack<(long Address, int? Level)>([(root, null)]);
        while (open.TryPop(out var node))
        {
            var head = new Hdf5Cursor(file.Block(node.Address, HeadLength));
            head.Signature("TREE"u8, "B-tree");
            if (head.U8() != type)
                throw Hdf5Exception.Damaged("its B-tree has the wrong type");
            var level = head.U8();
            if (node.Level is { } expected && level != expected)
                throw Hdf5Exception.Damaged("its B-tree's levels are invalid");
            var count = head.U16();
            var entryLength = keyLength + sizeof(long);
            var entries = file.Block(node.Address + HeadLength, count * entryLength);
            for (var i = 0; i < count; i++)
            {
                // The stack reverses the order, so children are pushed from the last to the first.
                var entry = new Hdf5Cursor(entries.AsSpan((level == 0 ? i : count - 1 - i) * entryLength, entryLength));
                var key = entry.Take(keyLength);
                if (level == 0)
                    leaf(key, entry.Address());
                else
                    open.Push((entry.Address(), level - 1));
            }
        }
    }
}
