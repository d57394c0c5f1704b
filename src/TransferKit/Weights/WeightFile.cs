using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using PureHDF;
using PureHDF.VOL.Native;

namespace TransferKit.WeightSources;

/// <summary>How a weight file says which weight belongs to which layer.</summary>
internal enum WeightLayout { Legacy, Keras3 }

/// <summary>
/// An open weight file of Keras: <c>.h5</c>, <c>.weights.h5</c> or <c>.keras</c>. Only names and shapes are read on
/// opening; numbers stay in the file.
/// </summary>
internal sealed class WeightFile : IDisposable
{
    private readonly Stream _stream;
    private readonly NativeFile _hdf5;
    private string? _hash;

    private WeightFile(string name, Stream stream)
    {
        (Name, _stream) = (name, stream);
        _hdf5 = H5File.Open(stream, leaveOpen: true);
        if (LegacyLayout.Find(_hdf5) is { } legacy)
        {
            Layers = [.. LegacyLayout.Read(name, legacy)];
        }
        else if (Keras3Layout.Find(_hdf5) is { } keras3)
        {
            Layout = WeightLayout.Keras3;
            Layers = [.. Keras3Layout.Read(name, keras3)];
        }
        else
        {
            throw new WeightsFormatException(name, "it is an HDF5 file without Keras' list of layers");
        }
    }

    /// <summary>The path, or the name given with a stream.</summary>
    public string Name { get; }
    public WeightLayout Layout { get; }

    /// <summary>The layers in the file's order; of Keras 3's layout, which has no order, by path.</summary>
    public ImmutableArray<StoredLayer> Layers { get; }

    /// <summary>SHA-256 of the whole file, in hexadecimal; read once, when first asked for.</summary>
    public string Hash => _hash ??= ComputeHash();

    /// <param name="path">The file.</param>
    /// <param name="hash">Its SHA-256 where that is known already.</param>
    public static WeightFile Open(string path, string? hash = null)
    {
        var file = Open(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete));
        file._hash = hash;
        return file;
    }

    /// <summary>Takes the stream over. One that cannot seek is copied into a temporary file.</summary>
    public static WeightFile Open(string name, Stream stream)
    {
        var seekable = stream;
        try
        {
            seekable = Seekable(stream);
            var head = Head(seekable);
            if (FileLook.IsZip(head))
            {
                seekable = Unzip(name, seekable);
                head = Head(seekable);
            }
            if (FileLook.Hdf5Length(head) is { } length && length > seekable.Length)
                throw new WeightsFormatException(name, $"it is cut off: {seekable.Length:N0} of {length:N0} bytes");
            try
            {
                return new WeightFile(name, seekable);
            }
            // PureHDF throws bare Exception; a damaged length may even ask for more memory than there is.
            catch (Exception e) when (e is not TransferKitException)
            {
                var problem = head.AsSpan().StartsWith(FileLook.Hdf5Signature) ? $"damaged HDF5 ({e.Message})" : FileLook.Describe(head);
                throw new WeightsFormatException(name, problem, e);
            }
        }
        catch
        {
            seekable.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _hdf5.Dispose();
        _stream.Dispose();
    }

    private static byte[] Head(Stream stream)
    {
        var head = new byte[512];
        stream.Position = 0;
        var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return head[..length];
    }

    private static FileStream Unzip(string name, Stream zipped)
    {
        try
        {
            using var archive = new ZipArchive(zipped, ZipArchiveMode.Read);
            var entry = archive.GetEntry("model.weights.h5")
                ?? throw new WeightsFormatException(name, "it is a zip archive without a model.weights.h5");
            return ToTemporaryFile(entry.Open());
        }
        catch (InvalidDataException e)
        {
            throw new WeightsFormatException(name, "it is a damaged zip archive", e);
        }
    }

    private static Stream Seekable(Stream stream) => stream.CanSeek ? stream : ToTemporaryFile(stream);

    private static FileStream ToTemporaryFile(Stream stream)
    {
        var path = Path.Combine(Path.GetTempPath(), $"transferkit-{Path.GetRandomFileName()}.h5");
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose,
        });
        try
        {
            using (stream)
                stream.CopyTo(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private string ComputeHash()
    {
        _stream.Position = 0;
        return Convert.ToHexStringLower(SHA256.HashData(_stream));
    }
}
