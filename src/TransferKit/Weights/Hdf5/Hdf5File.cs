namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// Reads the part of HDF5 that Keras' weight files use: groups, attributes with strings, arrays of numbers. References to other files or
/// objects (external and soft links, external storage, virtual datasets) and user-defined filters are refused.
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
            ?? throw new WeightsFormatException(name, "its root is not a group");
    }

    /// <summary>Gets the name of the file in messages.</summary>
    public string Name { get; }
    public Hdf5Group Root { get; }
    public Hdf5Bytes Bytes { get; }
    public GlobalHeap Heap { get; }

    /// <summary>Opens a file. The caller owns the stream, and must leave it open as long as anything is read.</summary>
    /// <exception cref="WeightsFormatException">The file is damaged, or uses a feature that the reader refuses.</exception>
    public static Hdf5File Open(string name, Stream stream) => new(name, stream);

    /// <summary>Opens the object that a link refers to.</summary>
    public Hdf5Object Open(Hdf5Link link, string path, int depth) => At<Hdf5Object>(path, () =>
    {
        if (link.Refusal is { } refusal)
            throw Hdf5Exception.Refused(refusal);
        if (depth > Deepest)
            throw Hdf5Exception.Damaged($"it lies more than {Deepest} groups deep");
        if (++_opened > MostObjects)
            throw Hdf5Exception.Damaged($"the file has more than {MostObjects:N0} objects");
        var header = ObjectHeader.Read(Bytes, link.Address);
        if (header.Has(MessageType.Layout) || header.Has(MessageType.Dataspace))
            return new Hdf5Dataset(this, path, depth, header);
        if (header.Has(MessageType.SymbolTable) || header.Has(MessageType.LinkInfo) || header.Has(MessageType.Link))
            return new Hdf5Group(this, path, depth, link.Address, header);
        throw Hdf5Exception.Refused("is neither a group nor an array");
    });

    /// <summary>Runs a read, and adds the names of file and object to its errors.</summary>
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
