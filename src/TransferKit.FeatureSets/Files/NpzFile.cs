using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using TransferKit.Common;

namespace TransferKit.FeatureSets.Files;

/// <summary>Reads an <c>.npz</c> file that <see cref="NpzSink"/> wrote: <c>names</c> as strings, and <c>features</c> as float32.</summary>
internal sealed partial class NpzFile : ScannedFile
{
    private const int MostNameLength = 1 << 16;
    // Deflate shrinks to no less than this part.
    private const int MostGrowth = 1032;
    private readonly int _rows;

    public NpzFile(string path) : base(path)
    {
        using var zip = Open();
        using var features = Entry(zip, "features.npy");
        var (type, shape) = ReadHeader(features);
        if (type != "<f4" || shape.Length < 2)
            throw Corrupt("'features' is not an array of float32 with a row for each name");
        // The product of a corrupt shape must not become an allocation.
        if (shape.Aggregate(4.0, (product, d) => product * d) > MostGrowth * (double)new FileInfo(path).Length)
            throw Corrupt("'features' states more numbers than the file can hold");
        (_rows, Shape) = (shape[0], shape[1..]);
    }

    public override IReadOnlyList<int> Shape { get; }

    public override async IAsyncEnumerable<FeatureRow> ReadAsync(
        bool reuseBuffer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var zip = Open();
        await using var features = Entry(zip, "features.npy");
        ReadHeader(features);
        var length = Shape.Aggregate(1, (product, d) => checked(product * d));
        var row = new float[length];
        await foreach (var path in ReadPathsAsync(cancellationToken).ConfigureAwait(false))
        {
            row = reuseBuffer ? row : new float[length];
            ReadFully(features, MemoryMarshal.AsBytes(row.AsSpan()));
            yield return FeatureRow.Of(path, row, Shape);
        }
    }

    public override async IAsyncEnumerable<string> ReadPathsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var zip = Open();
        await using var names = Entry(zip, "names.npy");
        var (type, shape) = ReadHeader(names);
        if (!type.StartsWith("<U", StringComparison.Ordinal)
            || !int.TryParse(type.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length is < 1 or > MostNameLength || shape is not [var count] || count != _rows)
        {
            throw Corrupt("'names' is not an array of strings with a name for each row");
        }
        var cell = new byte[4 * length];
        var text = new StringBuilder();
        for (var i = 0; i < _rows; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadFully(names, cell);
            yield return Text(cell, text);
        }
    }

    private string Text(byte[] cell, StringBuilder text)
    {
        text.Clear();
        for (var at = 0; at < cell.Length; at += 4)
        {
            var codePoint = BinaryPrimitives.ReadInt32LittleEndian(cell.AsSpan(at));
            if (codePoint == 0)
                break;
            text.Append(Rune.TryCreate(codePoint, out var rune) ? rune.ToString() : throw Corrupt("a name holds no valid character"));
        }
        return text.ToString();
    }

    private ZipArchive Open()
    {
        var file = InputFile.Open(Path);
        try
        {
            return new(file, ZipArchiveMode.Read);
        }
        catch (InvalidDataException e)
        {
            file.Dispose();
            throw Corrupt(e.Message.TrimEnd('.'), e);
        }
    }

    private BufferedStream Entry(ZipArchive zip, string name) =>
        new(zip.GetEntry(name)?.Open() ?? throw Corrupt($"it has no array '{name}'"), 1 << 16);

    private (string Type, int[] Shape) ReadHeader(Stream stream)
    {
        Span<byte> head = stackalloc byte[10];
        ReadFully(stream, head);
        if (!head.StartsWith((ReadOnlySpan<byte>)[0x93, .. "NUMPY"u8, 1, 0]))
            throw Corrupt("an array is not in numpy's format 1.0");
        var header = new byte[BinaryPrimitives.ReadUInt16LittleEndian(head[8..])];
        ReadFully(stream, header);
        var match = Header().Match(Encoding.ASCII.GetString(header));
        var shape = match.Groups[2].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(d => int.TryParse(d, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
        return match.Success && shape.All(d => d >= 0) && shape.Skip(1).All(d => d > 0)
            ? (match.Groups[1].Value, shape)
            : throw Corrupt("the header of an array is not readable");
    }

    private void ReadFully(Stream stream, Span<byte> bytes)
    {
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw Corrupt("it ends too early", e);
        }
    }

    [GeneratedRegex(@"^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \}\s*$")]
    private static partial Regex Header();
}
