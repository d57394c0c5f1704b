using System.Collections.Immutable;
using TransferKit.Common;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>Specifies how a weight file assigns weights to layers.</summary>
internal enum WeightLayout { Legacy, Keras3 }

/// <summary>
/// Represents an open Keras weight file: <c>.h5</c>, <c>.weights.h5</c> or <c>.keras</c>. Opening reads only names and shapes; the weights
/// stay in the file.
/// </summary>
internal sealed class WeightFile : IDisposable
{
    private readonly Stream _stream;
    private string? _hash;

    private WeightFile(string name, Stream stream)
    {
        (Name, _stream) = (name, stream);
        var root = Hdf5File.Open(name, stream).Root;
        if (LegacyLayout.Find(root) is { } legacy)
        {
            Layers = [.. LegacyLayout.Read(name, legacy)];
        }
        else if (Keras3Layout.Find(root) is { } keras3)
        {
            Layout = WeightLayout.Keras3;
            Layers = [.. Keras3Layout.Read(name, keras3)];
        }
        else
        {
            throw new WeightsFormatException(name, "it is an HDF5 file without Keras' list of layers");
        }
    }

    /// <summary>Gets the path, or the name given with the stream.</summary>
    public string Name { get; }
    public WeightLayout Layout { get; }

    /// <summary>Gets the layers in the file's order. Keras 3's layout has no order; its layers are sorted by path.</summary>
    public ImmutableArray<StoredLayer> Layers { get; }

    /// <summary>Gets a hash of the whole file with its algorithm's name. The first call computes it.</summary>
    public string Hash => _hash ??= HashOf(_stream);

    public static WeightFile Open(string path) => Open(path, OpenStream(path));

    /// <summary>Opens a path for reading. Other processes may delete or replace the file meanwhile.</summary>
    public static FileStream OpenStream(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    /// <summary>Computes the <see cref="FileHash"/> with its algorithm's name.</summary>
    public static string HashOf(Stream file)
    {
        file.Position = 0;
        return $"xxh128:{FileHash.Of(file)}";
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
            if (FileSignature.IsZip(head))
            {
                seekable = KerasArchive.OpenWeights(name, seekable);
                head = Head(seekable);
            }
            if (!FileSignature.IsHdf5(head))
                throw new WeightsFormatException(name, FileSignature.Describe(head));
            if (FileSignature.Hdf5Length(head) is { } length && length > seekable.Length)
                throw new WeightsFormatException(name, $"it is cut off: {seekable.Length:N0} of {length:N0} bytes");
            return new WeightFile(name, seekable) { _hash = hash };
        }
        catch
        {
            seekable.Dispose();
            throw;
        }
    }

    public void Dispose() => _stream.Dispose();

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
