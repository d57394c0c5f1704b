using System.Collections.Immutable;
using System.Text.Json;
using TransferKit.Common;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>Specifies how a weight file assigns weights to layers.</summary>
internal enum WeightLayout { Legacy, Keras3 }

/// <summary>
/// Represents an open Keras weight file: <c>.h5</c>, <c>.weights.h5</c>, <c>.keras</c>, or the shards of a <c>.weights.json</c>. Opening
/// reads only names and shapes; the weights stay in the file.
/// </summary>
internal sealed class WeightFile : IDisposable
{
    private readonly IReadOnlyList<Stream> _streams;
    private readonly Hdf5Group? _root;
    private string? _hash;

    private WeightFile(string name, Stream stream, KerasArchive? archive)
    {
        (Name, _streams) = (name, [stream]);
        var root = _root = Hdf5File.Open(name, stream).Root;
        Config = archive?.Config ?? root.Strings("model_config").FirstOrDefault();
        if (LegacyLayout.Find(root) is { } legacy)
        {
            Layers = [.. LegacyLayout.Read(name, legacy)];
            KerasVersion = legacy.Strings("keras_version").FirstOrDefault() ?? Attribute("keras_version");
            Groups = [];
        }
        else if (Keras3Groups(name, root) is { } groups)
        {
            Layout = WeightLayout.Keras3;
            KerasVersion = VersionIn(archive?.Metadata);
            Groups = [new("", Keras3Layout.NotedName(root), []), .. groups];
            Layers = [.. Keras3Layout.Layers(Groups)];
        }
        else
        {
            throw new WeightsFormatException(name, "it is an HDF5 file without Keras' list of layers");
        }
    }

    private WeightFile(string name, ShardedWeights shards)
    {
        (Name, _streams, Groups, Layout) = (name, shards.Streams, shards.Groups, WeightLayout.Keras3);
        Layers = [.. Keras3Layout.Layers(Groups)];
    }

    /// <summary>Gets the path, or the name given with the stream.</summary>
    public string Name { get; }
    public WeightLayout Layout { get; }

    /// <summary>Gets the configuration of a whole saved model as JSON; null if the file holds weights alone.</summary>
    public string? Config { get; }

    /// <summary>Gets the version of Keras that wrote the file; null if the file does not note it.</summary>
    public string? KerasVersion { get; }

    /// <summary>Gets the layers in the file's order. Keras 3's layout has no order; its layers are sorted by path.</summary>
    public ImmutableArray<StoredLayer> Layers { get; }

    /// <summary>Gets the groups of all layers in Keras 3's layout; none in the legacy one.</summary>
    public IReadOnlyList<Keras3Group> Groups { get; }

    /// <summary>Gets the models that the file holds: its own first, then those nested in it.</summary>
    /// <exception cref="WeightsFormatException">The configuration of the model is damaged.</exception>
    public ImmutableArray<StoredModel> Models
    {
        get
        {
            if (field.IsDefault)
            {
                var outline = Config is null ? null : ModelOutline.Read(Name, Config);
                field =
                [
                    .. Layout == WeightLayout.Legacy
                        ? StoredModels.OfLegacy(Layers, outline)
                        : StoredModels.OfKeras3(Groups, outline),
                ];
            }
            return field;
        }
    }

    /// <summary>Gets a hash of the whole file, shards included, with its algorithm's name. The first call computes it.</summary>
    public string Hash => _hash ??= _streams is [var single] ? HashOf(single) : string.Join('+', _streams.Select(HashOf));

    /// <summary>Gets a text that Keras noted at the file's root, such as <c>training_config</c>; null if it is absent.</summary>
    public string? Attribute(string name) => _root?.Strings(name).FirstOrDefault();

    /// <summary>Opens a file at a path, which may be the <c>.weights.json</c> of weights in shards.</summary>
    public static WeightFile Open(string path)
    {
        var stream = OpenStream(path);
        try
        {
            if (path.EndsWith(ShardedWeights.Extension, StringComparison.OrdinalIgnoreCase))
                return new(path, ShardedWeights.Open(path, stream));
            return Open(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Opens a path for reading. Other processes may delete or replace the file meanwhile.</summary>
    public static FileStream OpenStream(string path) => InputFile.Open(path);

    /// <summary>Computes the <see cref="FileHash"/> with its algorithm's name.</summary>
    public static string HashOf(Stream file)
    {
        file.Position = 0;
        return $"hash128:{FileHash.Of(file)}";
    }

    /// <summary>Throws if the first bytes are neither HDF5 nor a zip archive, so that a large file is not read in vain.</summary>
    /// <param name="name">The name of the file in messages.</param>
    /// <param name="file">The file; it must support seeking.</param>
    /// <exception cref="WeightsFormatException">The file has another format, which the message names.</exception>
    public static void CheckHead(string name, Stream file)
    {
        var head = Head(file);
        if (!FileSignature.IsHdf5(head) && !FileSignature.IsZip(head))
            throw new WeightsFormatException(name, FileSignature.Describe(head));
    }

    /// <summary>Opens a stream, which the result owns. A stream that cannot seek is copied into a temporary file.</summary>
    /// <param name="name">The name of the file in messages.</param>
    /// <param name="stream">The file.</param>
    /// <param name="hash">The file's hash, if it is already known.</param>
    public static WeightFile Open(string name, Stream stream, string? hash = null)
    {
        var seekable = stream;
        try
        {
            seekable = Seekable(name, stream);
            var head = Head(seekable);
            KerasArchive? archive = null;
            if (FileSignature.IsZip(head))
            {
                archive = KerasArchive.Open(name, seekable);
                seekable = archive.Weights;
                head = Head(seekable);
            }
            if (!FileSignature.IsHdf5(head))
                throw new WeightsFormatException(name, FileSignature.Describe(head));
            if (FileSignature.Hdf5Length(head) is { } length && length > seekable.Length)
                throw new WeightsFormatException(name, $"it is cut off: {seekable.Length:N0} of {length:N0} bytes");
            return new WeightFile(name, seekable, archive) { _hash = hash };
        }
        catch
        {
            seekable.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var stream in _streams)
            stream.Dispose();
    }

    private static IReadOnlyList<Keras3Group>? Keras3Groups(string name, Hdf5Group root)
    {
        if (Keras3Layout.Find(root) is { } tree)
            return [.. Keras3Layout.Read(name, tree)];
        return Keras3Layout.ReadWindows(name, root) is { Count: > 0 } windows ? windows : null;
    }

    private static string? VersionIn(string? metadata)
    {
        if (metadata is null)
            return null;
        try
        {
            using var json = JsonDocument.Parse(metadata);
            return json.RootElement.GetProperty("keras_version").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // The version is only shown; nothing depends on it.
            return null;
        }
    }

    private static byte[] Head(Stream stream)
    {
        var head = new byte[512];
        stream.Position = 0;
        var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return head[..length];
    }

    private static Stream Seekable(string name, Stream stream) => stream.CanSeek ? stream : CopiedStream.ToTemporaryFile(name, stream);
}
