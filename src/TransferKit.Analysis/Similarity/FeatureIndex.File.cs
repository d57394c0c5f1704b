using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Analysis.Similarity;
using TransferKit.Common;

namespace TransferKit;

/// <content>Writes an index as a file, and maps it.</content>
public sealed partial class FeatureIndex
{
    private const int HeaderBytes = 64;
    private const int MostDetailBytes = int.MaxValue;

    private static ReadOnlySpan<byte> Signature => "TKINDEX1"u8;

    /// <summary>Saves the index as one file of this machine's byte order: codes and floats.</summary>
    /// <param name="path">The path of the file. An existing one is replaced.</param>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public unsafe void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var details = Details(Metric, Names, Stamp);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(Header(Count, Dimensions, details.Length));
            Write(stream, _data.Mean, sizeof(float) * (long)Dimensions);
            Write(stream, _data.Scales, sizeof(RowScale) * (long)Count);
            Write(stream, _data.Codes, Count * (long)IndexData.Stride(Dimensions));
            Write(stream, _data.Vectors, sizeof(float) * (long)Count * Dimensions);
            stream.Write(details);
        });
    }

    /// <summary>
    /// Opens a file that <see cref="Save"/> wrote. It is mapped into memory, so opening reads only names and bounds, and the system shares
    /// the rest among processes. The file must not change while the index is in use.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="TrainedModelException">The file is no index, or damaged.</exception>
    public static FeatureIndex Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = InputFile.Open(path);
        try
        {
            return Open(file);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or JsonException)
        {
            file.Dispose();
            throw new TrainedModelException(path, $"{e.Message.TrimEnd('.')}. Build the index again.", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static byte[] Details(SimilarityMetric metric, IReadOnlyList<string> names, IReadOnlyDictionary<string, string> stamp) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new IndexDetails { Metric = metric, Names = [.. names], Stamp = new(stamp) }, IndexJson.Default.IndexDetails);

    private static byte[] Header(int count, int dimensions, int details)
    {
        var header = new byte[HeaderBytes];
        Signature.CopyTo(header);
        Span<int> numbers = [count, dimensions, details];
        MemoryMarshal.AsBytes(numbers).CopyTo(header.AsSpan(Signature.Length));
        return header;
    }

    private static FeatureIndex Open(FileStream file)
    {
        var header = new byte[HeaderBytes];
        if (file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !header.AsSpan().StartsWith(Signature))
            throw new InvalidDataException("it is no index of features, or one of another machine");
        var numbers = MemoryMarshal.Cast<byte, int>(header.AsSpan(8));
        var (count, dimensions, length) = (numbers[0], numbers[1], numbers[2]);
        if (count < 1 || dimensions < 1 || length is < 2 or >= MostDetailBytes || (long)IndexData.Stride(dimensions) * count < 0)
            throw new InvalidDataException("its numbers of rows and features are impossible");
        var place = HeaderBytes + IndexData.Bytes(count, dimensions);
        if (file.Length != place + length)
            throw new InvalidDataException($"it has {file.Length:N0} bytes, and its header says {place + length:N0}");
        file.Position = place;
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        var details = JsonSerializer.Deserialize(bytes, IndexJson.Default.IndexDetails)
            ?? throw new InvalidDataException("it has no names");
        if (details.Names.Length != count || details.Names.Contains(null) || !Enum.IsDefined(details.Metric))
            throw new InvalidDataException($"it has {details.Names.Length:N0} names for {count:N0} rows, or an unknown metric");
        var data = IndexData.Map(file, HeaderBytes, count, dimensions);
        try
        {
            var quantizer = new Quantizer(details.Metric, Checked(data, count, dimensions));
            return new(details.Metric, details.Names, dimensions, details.Stamp, data, quantizer);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    // Bounds that are no numbers would leave out rows without a word. Returns the mean.
    private static unsafe float[] Checked(IndexData data, int count, int dimensions)
    {
        var mean = new ReadOnlySpan<float>(data.Mean, dimensions).ToArray();
        var isRight = TensorPrimitives.IsFiniteAll<float>(mean);
        for (var row = 0; row < count && isRight; row++)
        {
            ref var scale = ref data.Scales[row];
            isRight = float.IsFinite(scale.Scale) && float.IsFinite(scale.Offset) && scale.Error >= 0 && scale.Length >= 0
                && float.IsFinite(scale.Error) && float.IsFinite(scale.Length);
        }
        return isRight ? mean : throw new InvalidDataException("one of its bounds is no finite number");
    }

    private static unsafe void Write(Stream stream, void* from, long bytes)
    {
        const int Piece = 1 << 24;
        for (var at = 0L; at < bytes; at += Piece)
            stream.Write(new ReadOnlySpan<byte>((byte*)from + at, (int)Math.Min(Piece, bytes - at)));
    }
}

/// <summary>Represents what an index file has beside its numbers.</summary>
internal sealed record IndexDetails
{
    public required SimilarityMetric Metric { get; init; }
    public required string[] Names { get; init; }
    public required Dictionary<string, string> Stamp { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, RespectNullableAnnotations = true,
    AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IndexDetails))]
internal sealed partial class IndexJson : JsonSerializerContext;
