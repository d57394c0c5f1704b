using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using TransferKit.Common;
using TransferKit.Training.Torch;
using TransferKit.WeightSources.Files;

namespace TransferKit.Training.Fitting;

/// <summary>
/// Represents the state that resumes a fit after its last finished epoch. Random values follow from the seed, so the
/// state contains no generators.
/// </summary>
internal sealed class FitState
{
    private const int Format = 1;
    private const string HeaderName = "state.json";

    // A hundred bytes for each weight and a few hundred for each epoch leave room for any training.
    private const int MostHeaderBytes = 1 << 26;

    private const string Weight = "weights", BestWeight = "best", Slot = "slots";

    private static readonly JsonSerializerOptions Json = new()
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    public required string Run { get; init; }
    public required IReadOnlyList<EpochResult> Epochs { get; init; }
    public required long Steps { get; init; }
    public required double? BestValue { get; init; }
    public required WeightSnapshot Weights { get; init; }

    /// <summary>Gets the weights of the best epoch, or null if <see cref="Weights"/> holds them.</summary>
    public required WeightSnapshot? Best { get; init; }

    /// <summary>Gets the optimizer's slots of each trainable weight.</summary>
    public required float[][][] Slots { get; init; }

    /// <summary>Replaces the file when the new one is whole and on the disk.</summary>
    /// <exception cref="OutputFileException">It cannot be written; the old one is as it was.</exception>
    public void Save(string path, Func<string, Stream>? create = null) => AtomicFile.Write(path, stream =>
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        var parts = Parts();
        using (var entry = archive.CreateEntry(HeaderName, CompressionLevel.NoCompression).Open())
        {
            JsonSerializer.Serialize(entry, new Header(
                Format, Run, Steps, BestValue,
                [.. Epochs.Select(e => new EpochRow(e.Phase, e.Epoch, e.Duration.Ticks, e.Logs.ToDictionary()))],
                Weights.Values.ToDictionary(w => w.Key, w => w.Value.Select(a => a.Length).ToArray()),
                [.. Slots.Select(s => s.Select(a => a.Length).ToArray())],
                parts.ToDictionary(p => p.Key, p => Hash(p.Value))));
        }
        foreach (var (name, arrays) in parts)
            Write(archive, name, arrays);
    }, create);

    /// <exception cref="TrainedModelException">The file is damaged or cannot be read.</exception>
    public static FitState Load(string path)
    {
        try
        {
            using var file = InputFile.Open(path);
            var archive = ZipDirectory.Read(file);
            var header = ReadHeader(archive);
            return new()
            {
                Run = header.Run,
                Epochs = [.. header.Epochs.Select(e => new EpochResult(e!.Phase, e.Epoch, e.Logs, TimeSpan.FromTicks(e.Ticks)))],
                Steps = header.Steps,
                BestValue = header.BestValue,
                Weights = Snapshot(archive, Weight, header),
                Best = header.Parts.ContainsKey(BestWeight) ? Snapshot(archive, BestWeight, header) : null,
                Slots = ReadAll(archive, Slot, header.Slots, header),
            };
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or EndOfStreamException)
        {
            throw TrainedModelException.OfCheckpoint(path, $"it is damaged ({e.Message.TrimEnd('.')}). Delete it to begin anew.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TrainedModelException.OfCheckpoint(path, $"it cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    /// <summary>Returns how the arrays differ from those of a model and its optimizer; null if nothing differs.</summary>
    /// <param name="weights">The weights of the model.</param>
    /// <param name="slots">The lengths of the optimizer's slots of each trainable weight.</param>
    /// <param name="monitor">The value that every epoch must have.</param>
    public string? Misfit(WeightSnapshot weights, IEnumerable<IEnumerable<long>> slots, string monitor)
    {
        if (Epochs.Any(e => !e.Logs.ContainsKey(monitor)))
            return $"one of its epochs has no value '{monitor}'";
        if (MisfitOf(Weights, weights) is { } misfit)
            return misfit;
        if (Best is not null && MisfitOf(Best, weights) is { } misfitOfBest)
            return misfitOfBest;
        return slots.Select(of => string.Join(',', of)).SequenceEqual(Slots.Select(of => string.Join(',', of.Select(a => a.Length))))
            ? null
            : "its slots are not those of the optimizer";
    }

    private static string? MisfitOf(WeightSnapshot found, WeightSnapshot expected)
    {
        if (expected.Values.Keys.Except(found.Values.Keys).FirstOrDefault() is { } missing)
            return $"it has no weights of the layer '{missing}'";
        if (found.Values.Keys.Except(expected.Values.Keys).FirstOrDefault() is { } unknown)
            return $"it has weights of a layer '{unknown}', which the model does not have";
        return expected.Values.FirstOrDefault(
            e => !e.Value.Select(a => a.Length).SequenceEqual(found.Values[e.Key].Select(a => a.Length))).Key is { } wrong
            ? $"its weights of the layer '{wrong}' have other lengths than the model's"
            : null;
    }

    private Dictionary<string, IEnumerable<float[]>> Parts()
    {
        var parts = new Dictionary<string, IEnumerable<float[]>> { [Weight] = Arrays(Weights), [Slot] = Slots.SelectMany(s => s) };
        if (Best is not null)
            parts.Add(BestWeight, Arrays(Best));
        return parts;

        static IEnumerable<float[]> Arrays(WeightSnapshot snapshot) => snapshot.Values.SelectMany(v => v.Value);
    }

    private static string Hash(IEnumerable<float[]> arrays)
    {
        var hash = new XxHash128();
        foreach (var array in arrays)
            hash.Append(MemoryMarshal.AsBytes<float>(array));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Write(ZipArchive archive, string name, IEnumerable<float[]> arrays)
    {
        using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
        foreach (var array in arrays)
            entry.Write(MemoryMarshal.AsBytes<float>(array));
    }

    private static Header ReadHeader(ZipDirectory archive)
    {
        var member = Member(archive, HeaderName);
        if (member.Size > MostHeaderBytes)
            throw new InvalidDataException($"'{HeaderName}' has {member.Size:N0} bytes; the limit is {MostHeaderBytes:N0}");
        var bytes = new byte[member.Size];
        archive.Open(member).ReadExactly(bytes);
        // The format comes first, because another one may have entries that this version does not know.
        if (JsonSerializer.Deserialize<FormatEntry>(bytes) is not { Format: var format } || format != Format)
            throw new InvalidDataException($"its format is not {Format}, which this version reads");
        return JsonSerializer.Deserialize<Header>(bytes, Json) is { } header && !header.Epochs.Contains(null)
            ? header
            : throw new InvalidDataException("its header is empty");
    }

    private static ZipMember Member(ZipDirectory archive, string name)
    {
        var member = archive.Members.FirstOrDefault(m => m.Name == name) ?? throw new InvalidDataException($"it has no '{name}'");
        return member.IsStored ? member : throw new InvalidDataException($"'{name}' is compressed");
    }

    private static WeightSnapshot Snapshot(ZipDirectory archive, string name, Header header) =>
        new(header.Layers.Keys.Zip(ReadAll(archive, name, [.. header.Layers.Values], header)).ToDictionary());

    // The lengths are compared with the bytes that exist before any memory is allocated for them.
    private static float[][][] ReadAll(ZipDirectory archive, string name, int[][] lengths, Header header)
    {
        var member = Member(archive, name);
        if (lengths.Any(of => of is null || of.Any(length => length < 0))
            || lengths.Sum(of => of.Sum(length => (long)length)) != member.Size / sizeof(float) || member.Size % sizeof(float) != 0)
        {
            throw new InvalidDataException($"'{name}' has {member.Size:N0} bytes, which are not the arrays that '{HeaderName}' lists");
        }
        var bytes = archive.Open(member);
        var arrays = lengths.Select(of => of.Select(length =>
        {
            var values = new float[length];
            bytes.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }).ToArray()).ToArray();
        return header.Parts.GetValueOrDefault(name) == Hash(arrays.SelectMany(a => a))
            ? arrays
            : throw new InvalidDataException($"the hash of '{name}' does not match");
    }

    private sealed record FormatEntry(int Format);

    private sealed record EpochRow(string Phase, int Epoch, long Ticks, Dictionary<string, double> Logs);

    private sealed record Header(
        int Format, string Run, long Steps, double? BestValue, EpochRow?[] Epochs,
        Dictionary<string, int[]> Layers, int[][] Slots, Dictionary<string, string> Parts);
}
