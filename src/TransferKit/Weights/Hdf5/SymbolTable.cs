using System.Text;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Reads the names of a group in the old format: a B-tree of symbol nodes, whose names are in a local heap.</summary>
internal static class SymbolTable
{
    private const int SymbolLength = 40;
    private const uint SoftLink = 2;

    public static void Read(Hdf5Bytes file, ReadOnlySpan<byte> message, Action<Hdf5Link> add)
    {
        var cursor = new Hdf5Cursor(message);
        var (tree, heap) = (cursor.Address(), LocalHeap(file, cursor.Address()));
        BTree1.Walk(file, tree, BTree1.Groups, keyLength: 8, (_, node) => ReadNode(file, node, heap, add));
    }

    private static void ReadNode(Hdf5Bytes file, long address, ReadOnlyMemory<byte> heap, Action<Hdf5Link> add)
    {
        const int HeadLength = 8;
        var head = new Hdf5Cursor(file.Block(address, HeadLength));
        head.Signature("SNOD"u8, "node of symbols");
        head.Version("node of symbols", 1, 1);
        head.Skip(1);
        var count = head.U16();
        var symbols = new Hdf5Cursor(file.Block(address + HeadLength, count * SymbolLength));
        for (var i = 0; i < count; i++)
        {
            var symbol = new Hdf5Cursor(symbols.Take(SymbolLength));
            var name = Name(file, heap, symbol.Length());
            var target = symbol.Address();
            add(new Hdf5Link(name, target, symbol.U32() == SoftLink ? Hdf5Link.Soft : null));
        }
    }

    private static byte[] LocalHeap(Hdf5Bytes file, long address)
    {
        var head = new Hdf5Cursor(file.Block(address, 32));
        head.Signature("HEAP"u8, "heap of names");
        head.Version("heap of names", 0, 0);
        head.Skip(3);
        var length = head.Length();
        head.Skip(8);
        return file.Block(head.Address(), length);
    }

    private static string Name(Hdf5Bytes file, ReadOnlyMemory<byte> heap, long offset)
    {
        var length = offset < heap.Length ? heap.Span[(int)offset..].IndexOf((byte)0) : -1;
        if (length < 0)
            throw Hdf5Exception.Damaged("a name lies outside its heap of names");
        file.Charge(length);
        return Encoding.UTF8.GetString(heap.Span.Slice((int)offset, length));
    }
}
