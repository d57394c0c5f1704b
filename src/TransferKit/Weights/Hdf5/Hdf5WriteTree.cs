using System.Collections.Immutable;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents a group or an array to be written.</summary>
internal abstract class Hdf5WriteObject
{
    /// <summary>Gets the object's attributes, in the order of writing.</summary>
    public List<Hdf5WriteAttribute> Attributes { get; } = [];
}

/// <summary>Represents an array of float32 values, which are requested in pieces and in order while the file is written.</summary>
/// <param name="shape">The dimensions, none for a scalar. A zero makes the array empty.</param>
/// <param name="read">Fills the span with the values from a flat index on, in row-major order.</param>
internal sealed class Hdf5WriteDataset(ImmutableArray<int> shape, Action<long, Span<float>> read) : Hdf5WriteObject
{
    // HDF5 itself has this limit (H5S_MAX_RANK).
    private const int MaxRank = 32;

    public ImmutableArray<int> Shape { get; } = shape.Length <= MaxRank
        ? shape
        : throw new NotSupportedException($"HDF5 arrays have at most {MaxRank} dimensions, not {shape.Length}.");

    public long Count { get; } = shape.Aggregate(1L, (product, d) => checked(product * d));

    public void Read(long start, Span<float> destination) => read(start, destination);
}

/// <summary>Represents a group of named groups and arrays.</summary>
internal sealed class Hdf5WriteGroup : Hdf5WriteObject
{
    private readonly Dictionary<string, Hdf5WriteObject> _children = [];

    public IReadOnlyDictionary<string, Hdf5WriteObject> Children => _children;

    /// <summary>Gets the group at a path below this one, such as <c>layers/conv2d/vars</c>, and creates missing groups.</summary>
    /// <exception cref="ArgumentException">A name of the path is invalid, or names an array.</exception>
    public Hdf5WriteGroup Group(string path) => path.Split('/').Aggregate(this, (group, name) => group.Step(name));

    /// <summary>Adds an array at a path below this group, and creates missing groups.</summary>
    /// <exception cref="ArgumentException">A name of the path is invalid, or the name is taken.</exception>
    public void Add(string path, Hdf5WriteDataset dataset)
    {
        var slash = path.LastIndexOf('/');
        var (group, name) = slash < 0 ? (this, path) : (Group(path[..slash]), path[(slash + 1)..]);
        ThrowIfNoName(name);
        if (!group._children.TryAdd(name, dataset))
            throw new ArgumentException($"The path '{path}' is taken by another object.", nameof(path));
    }

    private Hdf5WriteGroup Step(string name)
    {
        if (_children.TryGetValue(name, out var child))
        {
            return child as Hdf5WriteGroup
                ?? throw new ArgumentException($"'{name}' is an array and cannot contain other objects.", nameof(name));
        }
        ThrowIfNoName(name);
        var group = new Hdf5WriteGroup();
        _children.Add(name, group);
        return group;
    }

    // HDF5 reads "." as the group itself, and a null ends a name.
    private static void ThrowIfNoName(string name)
    {
        if (name is "" or "." || name.Contains('\0'))
            throw new ArgumentException($"'{name}' cannot be the name of an HDF5 object.", nameof(name));
    }
}
