using System.IO.Compression;
using System.IO.Hashing;
using System.Text.Json;

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
    private const int LargestTable = 1 << 20;

    private readonly string _path;
    private readonly ZipArchive _zip;

    private WeightBundle(string path, ZipArchive zip) => (_path, _zip) = (path, zip);

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
                JsonSerializer.Serialize(manifest, new Manifest(Format,
                    [.. files.Zip(opened, (f, stream) => new ManifestFile(f.Entry.File, stream.Length, f.File.Hash))]));
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
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        WeightBundle? bundle = null;
        try
        {
            if (ZipTail.TableLength(stream) > LargestTable)
            {
                throw WeightsFormatException.OfBundle(
                    path, null, $"its table of contents is larger than the limit of {LargestTable:N0} bytes");
            }
            bundle = new WeightBundle(path, new ZipArchive(stream, ZipArchiveMode.Read));
            bundle.Items = bundle.Check(stream.Length, maxBytes);
            return bundle;
        }
        catch (Exception e)
        {
            bundle?.Dispose();
            stream.Dispose();
            throw e is InvalidDataException or EndOfStreamException
                ? WeightsFormatException.OfBundle(path, null, $"it is not a complete zip archive ({e.Message.TrimEnd('.')})", e)
                : e;
        }
    }

    /// <summary>Copies a file out of the bundle.</summary>
    /// <exception cref="WeightsFormatException">The file is damaged, or its size differs from the manifest's.</exception>
    public void CopyTo(Item item, Stream target, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        try
        {
            using var source = item.Zipped.Open();
            var copied = 0L;
            var sum = new Crc32();
            Copy(source, target, item.Size, bytes =>
            {
                sum.Append(bytes);
                reporter.Report(WeightDownloadState.Downloading, copied += bytes.Length, item.Size);
            }, cancellationToken);
            ThrowIfDamaged(item.Zipped, sum);
            if (copied != item.Size || source.ReadByte() >= 0)
                throw Fault(item.Zipped.FullName, $"it does not have the {item.Size:N0} bytes that the manifest states");
        }
        catch (InvalidDataException e)
        {
            throw Fault(item.Zipped.FullName, $"it is damaged ({e.Message.TrimEnd('.')})", e);
        }
    }

    public WeightsFormatException Fault(string? entry, string problem, Exception? cause = null) =>
        WeightsFormatException.OfBundle(_path, entry, problem, cause);

    public void Dispose() => _zip.Dispose();

    // .NET reads the CRCs of a zip archive but does not check them.
    private void ThrowIfDamaged(ZipArchiveEntry zipped, Crc32 sum)
    {
        if (sum.GetCurrentHashAsUInt32() != zipped.Crc32)
            throw Fault(zipped.FullName, "it is damaged (its CRC differs)");
    }

    private List<Item> Check(long length, long maxBytes)
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
            var zipped = _zip.Entries.Where(z => z.FullName == file.File).ToArray();
            if (zipped.Length != 1 || items.Any(i => i.Entry == entry))
                throw Fault(file.File, $"it occurs {zipped.Length} times in the bundle, or several times in its manifest");
            // Only uncompressed files are allowed, so a file cannot be larger than the bundle.
            if (zipped[0].Length != file.Size || zipped[0].CompressedLength != file.Size)
                throw Fault(file.File, $"it is compressed, or its size differs from the {file.Size:N0} bytes that the manifest states");
            if (file.Size > maxBytes)
            {
                throw Fault(file.File,
                    $"it has {file.Size:N0} bytes, and {nameof(WeightStoreOptions.MaxDownloadBytes)} allows {maxBytes:N0}");
            }
            items.Add(new(entry, zipped[0], file.Size, file.Hash));
        }
        if (items.Sum(i => i.Size) > length)
            throw Fault(null, "its files overlap");
        foreach (var zipped in _zip.Entries)
        {
            // The attributes hold Unix' file type: none, or a regular file.
            if ((zipped.ExternalAttributes >>> 28) is not (0 or 8))
                throw Fault(zipped.FullName, "it is a link or another object that is not a file");
            if (zipped.FullName != ManifestName && !items.Any(i => i.Zipped == zipped))
                throw Fault(zipped.FullName, "the manifest does not list it");
        }
        return items;
    }

    private Manifest ReadManifest()
    {
        var entries = _zip.Entries.Where(z => z.FullName == ManifestName).ToArray();
        if (entries.Length != 1)
            throw Fault(null, $"it holds {(entries.Length == 0 ? "no" : "more than one")} {ManifestName}");
        using var stream = entries[0].Open();
        var bytes = new byte[ManifestLimit];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length == bytes.Length)
            throw Fault(ManifestName, "it is too large");
        var sum = new Crc32();
        sum.Append(bytes.AsSpan(0, length));
        ThrowIfDamaged(entries[0], sum);
        try
        {
            return JsonSerializer.Deserialize<Manifest>(bytes.AsSpan(0, length)) is { Format: Format, Files: not null } manifest
                ? manifest
                : throw Fault(ManifestName, $"its format is not {Format}");
        }
        catch (JsonException e)
        {
            throw Fault(ManifestName, $"it cannot be read ({e.Message.TrimEnd('.')})", e);
        }
    }

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
    internal sealed record Item(CatalogEntry Entry, ZipArchiveEntry Zipped, long Size, string Hash);

    private sealed record Manifest(string Format, ManifestFile?[] Files);

    private sealed record ManifestFile(string File, long Size, string Hash);
}
