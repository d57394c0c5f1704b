namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents a group or an array of a file.</summary>
internal abstract class Hdf5Object(Hdf5File file, string path, int depth)
{
    /// <summary>Gets the path from the root: <c>/conv1/kernel</c>.</summary>
    public string Path { get; } = path;

    /// <summary>Gets the last name of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Gets the number of names in the path.</summary>
    public int Depth { get; } = depth;

    protected Hdf5File File { get; } = file;
}
