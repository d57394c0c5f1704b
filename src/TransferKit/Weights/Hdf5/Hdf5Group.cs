namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents a group of named objects with attributes.</summary>
internal sealed class Hdf5Group(Hdf5File file, string path, int depth, long address, ObjectHeader header) : Hdf5Object(file, path, depth)
{
    private const int MostLinks = 1 << 16;

    private readonly Dictionary<string, Hdf5Object> _opened = [];
    private Dictionary<string, Hdf5Link>? _links;
    private Dictionary<string, ReadOnlyMemory<byte>>? _attributes;

    /// <summary>Gets the address of the header, which identifies the group even if several paths lead to it.</summary>
    public long Address { get; } = address;

    /// <summary>Finds the object at a path below this group, such as <c>a/b</c>; null if there is none.</summary>
    /// <exception cref="WeightsFormatException">A link on the path is not followed, or an object is damaged.</exception>
    public Hdf5Object? Find(string path)
    {
        Hdf5Object found = this;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (found is not Hdf5Group group || !group.Links.TryGetValue(name, out var link))
                return null;
            found = group.Open(link);
        }
        return found;
    }

    /// <summary>Gets all objects of the group.</summary>
    public IEnumerable<Hdf5Object> Children => Links.Values.Select(Open);

    public bool HasAttribute(string name) => Attributes.ContainsKey(name);

    /// <summary>Gets the strings of an attribute; none if it is absent.</summary>
    public string[] Strings(string attribute) => Attributes.TryGetValue(attribute, out var message)
        ? File.At(Path, () => Hdf5Attribute.Strings(message.Span, File.Heap)) : [];

    private Dictionary<string, Hdf5Link> Links => _links ??= File.At(Path, ReadLinks);

    private Dictionary<string, ReadOnlyMemory<byte>> Attributes => _attributes ??= File.At(Path, ReadAttributes);

    private Hdf5Object Open(Hdf5Link link)
    {
        if (!_opened.TryGetValue(link.Name, out var opened))
            _opened[link.Name] = opened = File.Open(link, $"{Path.TrimEnd('/')}/{link.Name}", Depth + 1);
        return opened;
    }

    private Dictionary<string, Hdf5Link> ReadLinks()
    {
        var links = new Dictionary<string, Hdf5Link>();
        foreach (var message in header.All(MessageType.SymbolTable))
            SymbolTable.Read(File.Bytes, message.Span, Add);
        foreach (var message in header.All(MessageType.Link))
            Add(Hdf5Link.Parse(message.Span));
        if (header.Find(MessageType.LinkInfo) is { } info)
            ReadDense(info.Span, orderLength: 8, BTree2.LinkNames, idAt: 4, link => Add(Hdf5Link.Parse(link.Span)));
        return links;

        void Add(Hdf5Link link)
        {
            if (links.Count == MostLinks)
                throw Hdf5Exception.Damaged($"it has more than {MostLinks:N0} names");
            // Paths are split at slashes, so such a name would give two objects the same path.
            if (link.Name.Contains('/'))
                throw Hdf5Exception.Damaged($"the name '{link.Name}' contains a slash");
            if (!links.TryAdd(link.Name, link))
                throw Hdf5Exception.Damaged($"it has the name {link.Name} twice");
        }
    }

    private Dictionary<string, ReadOnlyMemory<byte>> ReadAttributes()
    {
        var attributes = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var message in header.All(MessageType.Attribute))
            Add(message);
        if (header.Find(MessageType.AttributeInfo) is { } info)
            ReadDense(info.Span, orderLength: 2, BTree2.AttributeNames, idAt: 0, Add);
        return attributes;

        void Add(ReadOnlyMemory<byte> message)
        {
            if (!attributes.TryAdd(Hdf5Attribute.NameOf(message.Span), message))
                throw Hdf5Exception.Damaged("it has two attributes of one name");
        }
    }

    // Links or attributes that do not fit into the header are in a heap, with a B-tree of their names.
    private void ReadDense(ReadOnlySpan<byte> info, int orderLength, int treeType, int idAt, Action<ReadOnlyMemory<byte>> add)
    {
        var cursor = new Hdf5Cursor(info);
        cursor.Version("list of names", 0, 0);
        cursor.Skip((cursor.U8() & 1) != 0 ? orderLength : 0);
        var (heapAddress, tree) = (cursor.Address(), cursor.Address());
        if (heapAddress == Hdf5Cursor.Undefined)
            return;
        var heap = new FractalHeap(File.Bytes, heapAddress);
        BTree2.Walk(File.Bytes, tree, treeType, record =>
        {
            var id = new Hdf5Cursor(record);
            id.Skip(idAt);
            add(heap.Read(id.Take(treeType == BTree2.LinkNames ? 7 : 8)));
        });
    }
}
