namespace TransferKit.WeightSources.Hdf5;

/// <summary>A group or an array of a file.</summary>
internal abstract class Hdf5Object(Hdf5File file, string path, int depth)
{
    /// <summary>The names from the root on: <c>/conv1/kernel</c>.</summary>
    public string Path { get; } = path;

    /// <summary>The last of the names.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>How many names that are.</summary>
    public int Depth { get; } = depth;

    protected Hdf5File File { get; } = file;
}
