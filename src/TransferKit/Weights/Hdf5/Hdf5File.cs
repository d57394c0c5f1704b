namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// An HDF5 file as far as Keras' weight files go: groups, attributes with strings, arrays of numbers. What leads outside
/// the file (external and soft links, external storage, virtual datasets) and filters of users' own are refused by name.
/// </summary>
internal sealed class Hdf5File
{
    private const int MostObjects = 100_000;
    private const int Deepest = 64;

    private int _opened;

    private Hdf5File(string name, Stream stream)
    {
        Name = name;
        Bytes = At("/", () => new Hdf5Bytes(stream));
        Heap = new GlobalHeap(Bytes);
        var address = At("/", () => Superblock.RootAddress(Bytes));
        Root = Open(new Hdf5Link("", address, null), "/", depth: 0) as Hdf5Group
            ?? throw new WeightsFormatException(name, "its root is no group");
    }

    /// <summary>What to call the file in messages.</summary>
    public string Name { get; }
    public Hdf5Group Root { get; }
    public Hdf5Bytes Bytes { get; }
    public GlobalHeap Heap { get; }

    /// <summary>Reads the head of a file. The stream stays the caller's, and must stay open as long as anything is read.</summary>
    /// <exception cref="WeightsFormatException">The file is damaged, or has what the reader refuses.</exception>
    public static Hdf5File Open(string name, Stream stream) => new(name, stream);

    /// <summary>Opens what a link leads to.</summary>
    public Hdf5Object Open(Hdf5Link link, string path, int depth) => At<Hdf5Object>(path, () =>
    {
        if (link.Refusal is { } refusal)
            throw Hdf5Exception.Refused(refusal);
        if (depth > Deepest)
            throw Hdf5Exception.Damaged($"it lies more than {Deepest} groups deep");
        if (++_opened > MostObjects)
            throw Hdf5Exception.Damaged($"more than {MostObjects:N0} objects were reached on the way to it");
        var header = ObjectHeader.Read(Bytes, link.Address);
        if (header.Has(MessageType.Layout) || header.Has(MessageType.Dataspace))
            return new Hdf5Dataset(this, path, depth, header);
        if (header.Has(MessageType.SymbolTable) || header.Has(MessageType.LinkInfo) || header.Has(MessageType.Link))
            return new Hdf5Group(this, path, depth, link.Address, header);
        throw Hdf5Exception.Refused("is neither a group nor an array");
    });

    /// <summary>Does a piece of reading, and names file and object where it fails.</summary>
    public T At<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Hdf5Exception e)
        {
            throw Error(path, e);
        }
    }

    public WeightsFormatException Error(string path, Hdf5Exception e) => new(Name, $"'{path}' {e.Message}", e.InnerException);
}
