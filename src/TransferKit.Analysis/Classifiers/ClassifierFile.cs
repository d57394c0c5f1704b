using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Common;

namespace TransferKit.Analysis.Classifiers;

/// <summary>Represents the header of a classifier's file.</summary>
internal sealed record ClassifierHeader
{
    public required ClassifierKind Kind { get; init; }
    public required string[] Labels { get; init; }
    public required int Dimensions { get; init; }
    public required double Temperature { get; init; }
    public required double Threshold { get; init; }
    public double? Strength { get; init; }

    /// <summary>Gets the number of vectors that neighbours are searched among; null for other kinds.</summary>
    public int? Vectors { get; init; }

    public int? Neighbours { get; init; }
    public required Dictionary<string, string> Stamp { get; init; }
}

/// <summary>
/// Reads and writes a classifier as one file: a signature, the length of a header, the header in JSON, the numbers in little-endian order,
/// and the SHA-256 of all that.
/// </summary>
internal static class ClassifierFile
{
    private const int LengthBytes = 4;
    private const int MostHeaderBytes = 16 << 20;
    private const int MostDimensions = 1 << 24;
    private const int MostLabels = 100_000;

    private static ReadOnlySpan<byte> Signature => "TKCLASS1"u8;

    public static void Write(string path, ClassifierHeader header, Scorer scorer) => AtomicFile.Write(path, stream =>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var json = JsonSerializer.SerializeToUtf8Bytes(header, ClassifierJson.Default.ClassifierHeader);
        var length = new byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
        Append(Signature);
        Append(length);
        Append(json);
        switch (scorer)
        {
            case LinearScorer linear:
                Append(MemoryMarshal.AsBytes<float>(linear.Coefficients));
                Append(MemoryMarshal.AsBytes<float>(linear.Intercepts));
                break;
            case NearestMean means:
                foreach (var sum in means.Sums)
                    Append(MemoryMarshal.AsBytes<double>(sum));
                Append(MemoryMarshal.AsBytes<long>(means.Counts.ToArray()));
                break;
            case NearestNeighbours neighbours:
                Append(MemoryMarshal.AsBytes(neighbours.Vectors.Span));
                Append(MemoryMarshal.AsBytes<int>(neighbours.Classes));
                break;
        }
        stream.Write(hash.GetHashAndReset());

        void Append(ReadOnlySpan<byte> bytes)
        {
            stream.Write(bytes);
            hash.AppendData(bytes);
        }
    });

    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="TrainedModelException">The file is no classifier, or damaged.</exception>
    public static (ClassifierHeader Header, Scorer Scorer) Read(string path)
    {
        using var file = InputFile.Open(path);
        try
        {
            var (header, start) = ReadHeader(file);
            if (Problem(header) is { } problem)
                throw new InvalidDataException(problem);
            var expected = start + BodyBytes(header) + SHA256.HashSizeInBytes;
            if (file.Length != expected)
                throw new InvalidDataException($"it has {file.Length:N0} bytes, and its header says {expected:N0}");
            CheckHash(file);
            file.Position = start;
            return (header, ReadScorer(file, header));
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or JsonException)
        {
            throw new TrainedModelException(path, $"{e.Message.TrimEnd('.')}. Copy it again, or train it again.", e);
        }
    }

    private static (ClassifierHeader Header, long Start) ReadHeader(FileStream file)
    {
        var head = new byte[Signature.Length + LengthBytes];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head.AsSpan().StartsWith(Signature))
            throw new InvalidDataException("it is no file of a feature classifier");
        var length = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(Signature.Length));
        if (length is < 2 or > MostHeaderBytes || length > file.Length)
            throw new InvalidDataException($"its header has {length:N0} bytes; the limit is {MostHeaderBytes:N0}");
        var json = new byte[length];
        file.ReadExactly(json);
        var header = JsonSerializer.Deserialize(json, ClassifierJson.Default.ClassifierHeader);
        return (header ?? throw new InvalidDataException("its header is empty"), file.Position);
    }

    private static string? Problem(ClassifierHeader h)
    {
        if (!Enum.IsDefined(h.Kind))
            return "its kind is unknown";
        if (h.Labels.Length is < 2 or > MostLabels || h.Labels.Any(string.IsNullOrEmpty))
            return $"it has {h.Labels.Length:N0} labels, or an empty one; it must have from 2 to {MostLabels:N0}";
        if (h.Labels.Distinct(StringComparer.Ordinal).Count() < h.Labels.Length)
            return "it has a label twice";
        if (h.Dimensions is < 1 or > MostDimensions)
            return $"its vectors have {h.Dimensions:N0} numbers; the limit is {MostDimensions:N0}";
        if (!(h.Temperature > 0 && double.IsFinite(h.Temperature)) || h.Threshold is not (>= 0 and <= 1) || h.Strength is <= 0)
            return "its temperature, threshold or strength is impossible";
        var isOfVectors = h.Kind == ClassifierKind.NearestNeighbours;
        return isOfVectors != h.Vectors is >= 1 || isOfVectors != h.Neighbours is >= 1 ? "its number of vectors or neighbours is impossible"
            : (long)h.Dimensions * (h.Vectors ?? h.Labels.Length) > Array.MaxLength ? "its vectors exceed the memory of one array"
            : null;
    }

    private static long BodyBytes(ClassifierHeader h) => h.Kind switch
    {
        ClassifierKind.NearestMean => h.Labels.Length * ((long)h.Dimensions + 1) * sizeof(double),
        ClassifierKind.NearestNeighbours => h.Vectors!.Value * ((long)h.Dimensions + 1) * sizeof(float),
        _ => h.Labels.Length * ((long)h.Dimensions + 1) * sizeof(float),
    };

    private static void CheckHash(FileStream file)
    {
        file.Position = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        for (var left = file.Length - SHA256.HashSizeInBytes; left > 0;)
        {
            var read = file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
                throw new EndOfStreamException("it became shorter while it was read");
            hash.AppendData(buffer, 0, read);
            left -= read;
        }
        var stored = new byte[SHA256.HashSizeInBytes];
        file.ReadExactly(stored);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(stored))
            throw new InvalidDataException("its checksum is wrong: the file is damaged");
    }

    private static Scorer ReadScorer(FileStream file, ClassifierHeader header)
    {
        var (labels, dimensions) = (header.Labels.Length, header.Dimensions);
        switch (header.Kind)
        {
            case ClassifierKind.NearestMean:
                double[][] sums = [.. Enumerable.Range(0, labels).Select(_ => Numbers<double>(file, dimensions))];
                var counts = Numbers<long>(file, labels);
                return counts.All(c => c >= 1)
                    ? new NearestMean(sums, counts)
                    : throw new InvalidDataException("one of its classes is empty");
            case ClassifierKind.NearestNeighbours:
                var vectors = Numbers<float>(file, header.Vectors!.Value * dimensions);
                var classes = Numbers<int>(file, header.Vectors.Value);
                return classes.All(c => c >= 0 && c < labels)
                    ? new NearestNeighbours(vectors, classes, labels, header.Neighbours!.Value)
                    : throw new InvalidDataException("one of its vectors has an unknown class");
            default:
                return new LinearScorer(Numbers<float>(file, labels * dimensions), Numbers<float>(file, labels));
        }
    }

    private static T[] Numbers<T>(FileStream file, int count)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        var numbers = new T[count];
        var bytes = MemoryMarshal.AsBytes(numbers.AsSpan());
        file.ReadExactly(bytes);
        return System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<T>(numbers)
            ? numbers
            : throw new InvalidDataException("one of its numbers is NaN or infinite");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, RespectNullableAnnotations = true,
    AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ClassifierHeader))]
internal sealed partial class ClassifierJson : JsonSerializerContext;
