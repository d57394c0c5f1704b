namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// Writes the symbol table of a group in the old format. It consists of a heap of names, nodes of up to eight links sorted by name, and a
/// B-tree over the nodes.
/// </summary>
internal sealed class Hdf5WriteSymbolTable
{
    /// <summary>The minimum fill of symbol nodes and of B-tree nodes, half their capacity: HDF5's defaults.</summary>
    public const int LeafK = 4, InternalK = 16;

    private const long Undefined = -1;

    private readonly List<Hdf5WriteBlock> _blocks = [];
    private readonly Hdf5WriteBlock _heap;
    private readonly Hdf5WriteBlock _tree;

    /// <param name="links">The group's links, sorted by the bytes of their names.</param>
    public Hdf5WriteSymbolTable(Hdf5WriteLink[] links)
    {
        var offsets = new int[links.Length];
        // Offset 0 holds the empty name, which sorts before all others.
        var size = 8;
        for (var i = 0; i < links.Length; i++)
        {
            offsets[i] = size;
            size = checked(size + (links[i].Name.Length + 8 & ~7));
        }
        _heap = Add(bytes => WriteHeap(bytes, size, links));
        var children = links.Zip(offsets).Chunk(2 * LeafK)
            .Select(part => new Child(Add(bytes => WriteNode(bytes, part)), part[^1].Second)).ToArray();
        // A group without links also has a B-tree, of one node.
        var level = 0;
        do
            children = AddLevel(level++, children);
        while (children.Length > 1);
        _tree = children[0].Block;
    }

    public IEnumerable<Hdf5WriteBlock> Blocks => _blocks;

    /// <summary>Writes the addresses of tree and heap, which identify the table.</summary>
    public void WriteAddresses(Hdf5WriteBytes bytes) => bytes.UInt64(_tree.Address).UInt64(_heap.Address);

    /// <summary>Writes a symbol table entry. The entry of a group repeats the addresses of its table.</summary>
    public static void WriteEntry(Hdf5WriteBytes bytes, long nameOffset, Hdf5WriteBlock header, Hdf5WriteSymbolTable? table)
    {
        bytes.UInt64(nameOffset).UInt64(header.Address).UInt32(table is null ? 0 : 1).UInt32(0);
        if (table is null)
            bytes.Zeros(16);
        else
            table.WriteAddresses(bytes);
    }

    private Hdf5WriteBlock Add(Action<Hdf5WriteBytes> write)
    {
        var block = new Hdf5WriteBlock(write);
        _blocks.Add(block);
        return block;
    }

    private Child[] AddLevel(int level, Child[] children)
    {
        Child[][] parts = children.Length == 0 ? [[]] : [.. children.Chunk(2 * InternalK)];
        var nodes = new Child[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var n = i;
            nodes[n] = new(Add(bytes => WriteTreeNode(bytes, level, parts, nodes, n)), parts[n].LastOrDefault().LastName);
        }
        return nodes;
    }

    // A child's names sort after the key before it, up to and including the key after it.
    private static void WriteTreeNode(Hdf5WriteBytes bytes, int level, Child[][] parts, Child[] nodes, int n)
    {
        long Sibling(int index) => index >= 0 && index < nodes.Length ? nodes[index].Block.Address : Undefined;
        bytes.Bytes("TREE"u8).Byte(0).Byte(level).UInt16(parts[n].Length).UInt64(Sibling(n - 1)).UInt64(Sibling(n + 1));
        bytes.UInt64(n == 0 ? 0 : nodes[n - 1].LastName);
        foreach (var child in parts[n])
            bytes.UInt64(child.Block.Address).UInt64(child.LastName);
        bytes.Zeros(16 * (2 * InternalK - parts[n].Length));
    }

    private static void WriteNode(Hdf5WriteBytes bytes, (Hdf5WriteLink Link, int Offset)[] part)
    {
        bytes.Bytes("SNOD"u8).Byte(1).Byte(0).UInt16(part.Length);
        foreach (var (link, offset) in part)
            WriteEntry(bytes, offset, link.Header, link.Table);
        bytes.Zeros(40 * (2 * LeafK - part.Length));
    }

    private void WriteHeap(Hdf5WriteBytes bytes, long size, Hdf5WriteLink[] links)
    {
        const int Header = 32, NoFreeSpace = 1;
        bytes.Bytes("HEAP"u8).Zeros(4).UInt64(size).UInt64(NoFreeSpace).UInt64(_heap.Address + Header).Zeros(8);
        foreach (var link in links)
            bytes.Bytes(link.Name).Byte(0).Align();
    }

    private readonly record struct Child(Hdf5WriteBlock Block, long LastName);
}

/// <summary>Represents a link of a group: a name in UTF-8, the object's header and, for a group, its table.</summary>
internal sealed record Hdf5WriteLink(byte[] Name, Hdf5WriteBlock Header, Hdf5WriteSymbolTable? Table);
