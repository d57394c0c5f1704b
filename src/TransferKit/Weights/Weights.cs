using System.ComponentModel;
using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// Represents the weights that a model starts with, Keras' <c>weights=</c> argument. A string converts implicitly: <c>"imagenet"</c>,
/// <c>"none"</c>, or the path of a weight file.
/// </summary>
/// <remarks>Immutable. Two instances are equal if their kind, seed, path and stream function are equal.</remarks>
[TypeConverter(typeof(Converter))]
public sealed class Weights : IEquatable<Weights>
{
    private Weights(WeightsKind kind) => Kind = kind;

    /// <summary>
    /// Gets Keras' ImageNet weights, the default (Keras: <c>weights="imagenet"</c>). They come from Keras' cache folder, and are downloaded
    /// and verified if they are missing; see <see cref="WeightStore"/>.
    /// </summary>
    public static Weights ImageNet { get; } = new(WeightsKind.ImageNet);

    /// <summary>Gets random weights with seed 0 (Keras: <c>weights=None</c>).</summary>
    public static Weights None { get; } = Random();

    internal WeightsKind Kind { get; }
    internal int Seed { get; private init; }
    internal bool ByName { get; private init; }

    /// <summary>Gets the path of the file, or the name of the stream.</summary>
    internal string? Name { get; private init; }
    internal Func<Stream>? Open { get; private init; }

    /// <summary>
    /// Gets random weights from Keras' initializers, as each layer declares them. A seed gives the same weights on every machine. The
    /// weights follow Keras' distributions, but differ from those that Keras would draw.
    /// </summary>
    /// <param name="seed">The seed of the random numbers. Defaults to 0.</param>
    public static Weights Random(int seed = 0) => new(WeightsKind.Random) { Seed = seed };

    /// <summary>
    /// Gets the weights of a file that Keras wrote: <c>.h5</c> (weights or a whole saved model), <c>.weights.h5</c> or <c>.keras</c>.
    /// Loading a model opens the file. It throws a <see cref="WeightsFormatException"/> if the file is not a weight file, and a
    /// <see cref="WeightsMismatchException"/> if it does not fit the model.
    /// </summary>
    /// <param name="path">The path of the file. A relative path is resolved now, against the current directory.</param>
    /// <param name="byName">
    /// Whether layers are matched by name instead of by position (Keras: <c>by_name=True</c>). Layers that the file does not name keep the
    /// initial values of <see cref="None"/>; <see cref="IBackbone.UnboundLayers"/> lists them. Loading throws a
    /// <see cref="WeightsMismatchException"/> if no name or a shape does not match. It throws a <see cref="WeightsFormatException"/> if the
    /// file has no layer names, as older files of Keras 3. Defaults to false.
    /// </param>
    public static Weights File(string path, bool byName = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(WeightsKind.File) { Name = Path.GetFullPath(path), ByName = byName };
    }

    /// <summary>Gets the weights of a stream, such as an embedded resource. Layers are matched by position.</summary>
    /// <param name="name">The name of the stream in messages.</param>
    /// <param name="open">
    /// Opens the stream, once for each model, which disposes it. A stream that cannot seek is first copied into a temporary file.
    /// </param>
    public static Weights FromStream(string name, Func<Stream> open)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(open);
        return new(WeightsKind.Stream) { Name = name, Open = open };
    }

    /// <summary>Converts <c>"imagenet"</c>, <c>"none"</c> (in any case) or a path, as Keras reads its argument.</summary>
    /// <param name="value">The name or path.</param>
    public static implicit operator Weights(string value) => FromString(value);

    /// <summary>Converts <c>"imagenet"</c>, <c>"none"</c> (in any case) or a path, as Keras reads its argument.</summary>
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

    /// <summary>Returns <c>imagenet</c>, <c>random (seed 0)</c>, or the name of the file.</summary>
    public override string ToString() => Kind switch
    {
        WeightsKind.ImageNet => "imagenet",
        WeightsKind.Random => $"random (seed {Seed})",
        _ => ByName ? $"{Name} (by name)" : Name!,
    };

    private sealed class Converter() : TextConverter<Weights>(FromString);
}

internal enum WeightsKind { ImageNet, Random, File, Stream }
