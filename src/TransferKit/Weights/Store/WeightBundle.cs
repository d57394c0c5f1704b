using System.IO.Compression;
using System.IO.Hashing;
using System.Text.Json;
using TransferKit.Common;
using TransferKit.WeightSources.Files;

namespace TransferKit.WeightSources.Store;

/// <summary>
/// Represents a <c>.zip</c> of uncompressed weight files, which starts with a manifest of their sizes and hashes. Only names of Keras'
/// files are allowed, so no name can lead out of the cache.
/// </summary>
internal sealed class WeightBundle : IDisposable
{
    public const string ManifestName = "transferkit-weights.json";
    private const string Format = "transferkit-weights/1";
    private const int ManifestLimit = 1 << 20;

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly ZipDirectory _directory;

    private WeightBundle(string path, FileStream stream, ZipDirectory directory) =>
        (_path, _stream, _directory) = (path, stream, directory);

    public IReadOnlyList<Item> Items { get; private set; } = [];

    /// <summary>Writes a bundle of verified files, and checks the hash of each while copying it.</summary>
    public static void Write(
        string path, Stream target, IReadOnlyList<(CatalogEntry Entry, VerifiedFile File)> files,
        Func<CatalogEntry, ProgressReporter> reporterOf, CancellationToken cancellationToken)
    {
        using var zip = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true);
        var opened = new List<FileStream>();
        try
        {
            foreach (var (_, file) in files)
                opened.Add(new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1));
            using (var manifest = zip.CreateEntry(ManifestName).Open())
            {
                var listed = files.Zip(opened, (f, stream) => new ManifestFile(f.Entry.File, stream.Length, f.File.Hash));
                JsonSerializer.Serialize(manifest, new(Format, [.. listed]), StoreJson.Default.Manifest);
            }
            foreach (var ((entry, file), stream) in files.Zip(opened))
            {
                using var to = zip.CreateEntry(entry.File, CompressionLevel.NoCompression).Open();
                var reporter = reporterOf(entry);
                using var hash = new RunningHash(file.Hash);
                Copy(stream, to, stream.Length, bytes =>
                {
                    hash.Append(bytes);
                    reporter.Report(WeightDownloadState.Verifying, stream.Position, stream.Length);
                }, cancellationToken);
                if (hash.Finish() != file.Hash)
                {
                    throw WeightsFormatException.OfBundle(path, entry.File,
                        "the file in the cache has changed since it was verified; run 'transferkit weights verify'");
                }
            }
        }
        finally
        {
            opened.ForEach(stream => stream.Dispose());
        }
    }

    /// <summary>Opens a bundle and checks all its names, kinds and sizes before anything is extracted.</summary>
    /// <param name="path">The path of the bundle.</param>
    /// <param name="maxBytes">The maximum size of one file in bytes.</param>
    /// <exception cref="WeightsFormatException">The file is not a bundle that an export wrote.</exception>
    public static WeightBundle Open(string path, long maxBytes)
    {
        var stream = InputFile.Open(path, FileShare.Read);
        try
        {
            var bundle = new WeightBundle(path, stream, ZipDirectory.Read(stream));
            bundle.Items = bundle.Check(maxBytes);
            return bundle;
        }
        catch (Exception e)
        {
            stream.Dispose();
            throw e is InvalidDataException or EndOfStreamException
                ? WeightsFormatException.OfBundle(path, null, $"it is not a complete zip archive ({e.Message.TrimEnd('.')})", e)
                : e;
        }
    }

    /// <summary>Copies a file out of the bundle.</summary>
    /// <exception cref="WeightsFormatException">The file is damaged.</exception>
    public void CopyTo(Item item, Stream target, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        try
        {
            var copied = 0L;
            var sum = new Crc32();
            Copy(_directory.Open(item.Zipped), target, item.Size, bytes =>
            {
                sum.Append(bytes);
                reporter.Report(WeightDownloadState.Downloading, copied += bytes.Length, item.Size);
            }, cancellationToken);
            ThrowIfDamaged(item.Zipped, sum);
        }
        catch (InvalidDataException e)
        {
            throw Fault(item.Zipped.Name, $"it is damaged ({e.Message.TrimEnd('.')})", e);
        }
    }

    public WeightsFormatException Fault(string? entry, string problem, Exception? cause = null) =>
        WeightsFormatException.OfBundle(_path, entry, problem, cause);

    public void Dispose() => _stream.Dispose();

    private void ThrowIfDamaged(ZipMember zipped, Crc32 sum)
    {
        if (sum.GetCurrentHashAsUInt32() != zipped.Crc)
            throw Fault(zipped.Name, "it is damaged (its CRC differs)");
    }

    private List<Item> Check(long maxBytes)
    {
        var manifest = ReadManifest();
        var items = new List<Item>();
        foreach (var file in manifest.Files)
        {
            if (file?.File is null || !WeightCatalog.Files.TryGetValue(file.File, out var entry))
                throw Fault(file?.File, "it is not one of Keras' weight files");
            if (file.Hash is null
                || (entry.Hash is not null && !file.Hash.Equals($"{entry.Algorithm}:{entry.Hash}", StringComparison.OrdinalIgnoreCase)))
            {
                throw Fault(file.File, $"the manifest states the hash {file.Hash}, but the file's is {entry.HashText}");
            }
            if (items.Any(i => i.Entry == entry))
                throw Fault(file.File, "its manifest lists it several times");
            var zipped = Member(file.File) ?? throw Fault(file.File, "its manifest lists it, but the bundle does not hold it");
            // Only uncompressed files are allowed, so a file cannot be larger than the bundle.
            if (!zipped.IsStored || zipped.Size != file.Size)
                throw Fault(file.File, $"it is compressed, or its size differs from the {file.Size:N0} bytes that the manifest states");
            if (file.Size > maxBytes)
            {
                throw Fault(file.File,
                    $"it has {file.Size:N0} bytes, and {nameof(WeightStoreOptions.MaxDownloadBytes)} allows {maxBytes:N0}");
            }
            items.Add(new(entry, zipped, file.Size, file.Hash));
        }
        if (items.Sum(i => i.Size) > _stream.Length)
            throw Fault(null, "its files overlap");
        foreach (var zipped in _directory.Members)
        {
            if (!zipped.IsFile)
                throw Fault(zipped.Name, "it is a link or another object that is not a file");
            if (zipped.Name != ManifestName && !items.Any(i => i.Zipped == zipped))
                throw Fault(zipped.Name, "the manifest does not list it");
        }
        return items;
    }

    private Manifest ReadManifest()
    {
        var zipped = Member(ManifestName) ?? throw Fault(null, $"it holds no {ManifestName}");
        if (zipped is not { IsEncrypted: false, Method: ZipMember.Stored or ZipMember.Deflated })
            throw Fault(ManifestName, "it is encrypted, or compressed by an unsupported method");
        var packed = _directory.Open(zipped);
        using var inflated = zipped.Method == ZipMember.Deflated
            ? new DeflateStream(packed, CompressionMode.Decompress, leaveOpen: true)
            : null;
        var stream = (Stream?)inflated ?? packed;
        var bytes = new byte[ManifestLimit];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length == bytes.Length)
            throw Fault(ManifestName, "it is too large");
        var sum = new Crc32();
        sum.Append(bytes.AsSpan(0, length));
        ThrowIfDamaged(zipped, sum);
        try
        {
            var manifest = JsonSerializer.Deserialize(bytes.AsSpan(0, length), StoreJson.Default.Manifest);
            return manifest is { Format: Format, Files: not null }
                ? manifest
                : throw Fault(ManifestName, $"its format is not {Format}");
        }
        catch (JsonException e)
        {
            throw Fault(ManifestName, $"it cannot be read ({e.Message.TrimEnd('.')})", e);
        }
    }

    private ZipMember? Member(string name) => _directory.Members.FirstOrDefault(m => m.Name == name);

    // Copies at most the given number of bytes, even if the source holds more.
    private static void Copy(Stream source, Stream target, long limit, ReadOnlySpanAction copied, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 18];
        while (limit > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = source.Read(buffer, 0, (int)Math.Min(buffer.Length, limit));
            if (read == 0)
                return;
            target.Write(buffer, 0, read);
            copied(buffer.AsSpan(0, read));
            limit -= read;
        }
    }

    private delegate void ReadOnlySpanAction(ReadOnlySpan<byte> bytes);

    /// <summary>Represents a file of the bundle whose name, kind and size have been checked.</summary>
    internal sealed record Item(CatalogEntry Entry, ZipMember Zipped, long Size, string Hash);

    internal sealed record Manifest(string Format, ManifestFile?[] Files);

    internal sealed record ManifestFile(string File, long Size, string Hash);
}
