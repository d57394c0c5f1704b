namespace TransferKit.WeightSources.Hdf5;

/// <summary>A B-tree of version 1: of an older group's names, or of an array's chunks.</summary>
internal static class BTree1
{
    public const int Groups = 0;
    public const int Chunks = 1;

    private const int HeadLength = 24;

    public delegate void Leaf(ReadOnlySpan<byte> key, long child);

    /// <summary>Visits all children of the leaves in order; the key of each is the one before it.</summary>
    public static void Walk(Hdf5Bytes file, long root, int type, int keyLength, Leaf leaf)
    {
        // A child is one level below its parent, so no node can be its own ancestor.
        var open = new Stack<(long Address, int? Level)>([(root, null)]);
        while (open.TryPop(out var node))
        {
            var head = new Hdf5Cursor(file.Block(node.Address, HeadLength));
            head.Signature("TREE"u8, "B-tree");
            if (head.U8() != type)
                throw Hdf5Exception.Damaged("its B-tree is of another kind");
            var level = head.U8();
            if (node.Level is { } expected && level != expected)
                throw Hdf5Exception.Damaged("its B-tree's levels make no sense");
            var count = head.U16();
            var entryLength = keyLength + sizeof(long);
            var entries = file.Block(node.Address + HeadLength, count * entryLength);
            for (var i = 0; i < count; i++)
            {
                // Inner children go onto the stack from the last to the first.
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
