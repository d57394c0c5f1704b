using System.ComponentModel;
using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// Which numbers a model starts with; Keras' <c>weights=</c> argument. A string converts:
/// <c>"imagenet"</c>, <c>"none"</c>, or the path of a weight file.
/// </summary>
/// <remarks>Immutable. Two are equal if they name the same kind and the same seed, path or stream function.</remarks>
[TypeConverter(typeof(Converter))]
public sealed class Weights : IEquatable<Weights>
{
    private Weights(WeightsKind kind) => Kind = kind;

    /// <summary>
    /// Keras' ImageNet weights, the default: from Keras' own cache folder, downloaded and verified where they are not
    /// there (see <see cref="WeightStore"/>). Keras: <c>weights="imagenet"</c>.
    /// </summary>
    public static Weights ImageNet { get; } = new(WeightsKind.ImageNet);

    /// <summary>Random weights of seed 0. Keras: <c>weights=None</c>.</summary>
    public static Weights None { get; } = Random();

    internal WeightsKind Kind { get; }
    internal int Seed { get; private init; }
    internal bool ByName { get; private init; }

    /// <summary>The path of a file, or the name of a stream.</summary>
    internal string? Name { get; private init; }
    internal Func<Stream>? Open { get; private init; }

    /// <summary>
    /// Keras' initial values (Glorot uniform and so on, as each layer declares), drawn so that a seed gives the same
    /// numbers on every machine. They follow Keras' distributions and are not the numbers that Keras itself would draw.
    /// </summary>
    /// <param name="seed">Another seed, other numbers.</param>
    public static Weights Random(int seed = 0) => new(WeightsKind.Random) { Seed = seed };

    /// <summary>
    /// A file that Keras wrote: <c>.h5</c> (weights or a whole saved model), <c>.weights.h5</c> or <c>.keras</c>. It is
    /// opened when a model is loaded: <see cref="WeightsFormatException"/> if it is no such file,
    /// <see cref="WeightsMismatchException"/> if it does not fit the model.
    /// </summary>
    /// <param name="path">The file; a relative path is taken from the current directory now.</param>
    /// <param name="byName">
    /// False, Keras' default: layers are matched by their position, whatever their names. True: layers of the same name
    /// are loaded, and the model's other layers keep the initial values of <see cref="None"/> (Keras: <c>by_name=True</c>);
    /// <see cref="IBackbone.UnboundLayers"/> lists them. A <see cref="WeightsMismatchException"/> if no name or a shape does not match; a
    /// <see cref="WeightsFormatException"/> if the file notes no layer names, as older files of Keras 3.
    /// </param>
    public static Weights File(string path, bool byName = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(WeightsKind.File) { Name = Path.GetFullPath(path), ByName = byName };
    }

    /// <summary>A weight file from a stream, such as a resource in a package; layers are matched by position.</summary>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="open">
    /// Opens the stream, anew for each model; it is disposed of with the model. One that cannot seek is copied into a
    /// temporary file first.
    /// </param>
    public static Weights FromStream(string name, Func<Stream> open)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(open);
        return new(WeightsKind.Stream) { Name = name, Open = open };
    }

    /// <summary>As Keras reads the argument: <c>"imagenet"</c>, <c>"none"</c> (in any case), or a path.</summary>
    /// <param name="value">The name or path.</param>
    public static implicit operator Weights(string value) => FromString(value);

    /// <summary>As Keras reads the argument: <c>"imagenet"</c>, <c>"none"</c> (in any case), or a path.</summary>
    /// <param name="value">The name or path.</param>
    public static Weights FromString(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        return value.Equals("imagenet", StringComparison.OrdinalIgnoreCase) ? ImageNet
            : value.Equals("none", StringComparison.OrdinalIgnoreCase) ? None
            : File(value);
    }

    /// <inheritdoc/>
    public bool Equals(Weights? other) => other is not null
        && (Kind, Seed, ByName, Name, Open) == (other.Kind, other.Seed, other.ByName, other.Name, other.Open);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Weights);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Seed, ByName, Name, Open);

    /// <summary><c>imagenet</c>, <c>random (seed 0)</c>, or the file.</summary>
    public override string ToString() => Kind switch
    {
        WeightsKind.ImageNet => "imagenet",
        WeightsKind.Random => $"random (seed {Seed})",
        _ => ByName ? $"{Name} (by name)" : Name!,
    };

    private sealed class Converter() : TextConverter<Weights>(FromString);
}

internal enum WeightsKind { ImageNet, Random, File, Stream }
