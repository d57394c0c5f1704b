using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using TransferKit.Common;
using TransferKit.Training.Torch;

namespace TransferKit.Training.Fitting;

/// <summary>
/// Represents the state that resumes a fit after its last finished epoch. Random values follow from the seed, so the
/// state contains no generators.
/// </summary>
internal sealed class FitState
{
    private const int Format = 1;
    private const string Weight = "weights", BestWeight = "best", Slot = "slots";

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
        using (var entry = archive.CreateEntry("state.json", CompressionLevel.NoCompression).Open())
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

    /// <exception cref="TrainedModelException">The file is damaged.</exception>
    public static FitState Load(string path)
    {
        try
        {
            using var archive = ZipFile.OpenRead(path);
            using var json = Entry(archive, "state.json");
            var header = JsonSerializer.Deserialize<Header>(json) ?? throw new InvalidDataException("The header is empty.");
            if (header.Format != Format)
                throw new InvalidDataException($"The file has format {header.Format}, but this version reads {Format}.");
            return new()
            {
                Run = header.Run,
                Epochs = [.. header.Epochs.Select(e => new EpochResult(e.Phase, e.Epoch, e.Logs, TimeSpan.FromTicks(e.Ticks)))],
                Steps = header.Steps,
                BestValue = header.BestValue,
                Weights = Snapshot(archive, Weight, header),
                Best = header.Parts.ContainsKey(BestWeight) ? Snapshot(archive, BestWeight, header) : null,
                Slots = ReadAll(archive, Slot, header.Slots, header),
            };
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or EndOfStreamException)
        {
            throw TrainedModelException.OfCheckpoint(path, $"it is damaged ({e.Message}) Delete it to begin anew.", e);
        }
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

    private static Stream Entry(ZipArchive archive, string name) =>
        archive.GetEntry(name)?.Open() ?? throw new InvalidDataException($"The file has no '{name}'.");

    private static WeightSnapshot Snapshot(ZipArchive archive, string name, Header header) =>
        new(header.Layers.Keys.Zip(ReadAll(archive, name, header.Layers.Values, header)).ToDictionary());

    private static float[][][] ReadAll(ZipArchive archive, string name, IEnumerable<int[]> lengths, Header header)
    {
        using var entry = Entry(archive, name);
        var arrays = lengths.Select(of => of.Select(length =>
        {
            var values = new float[length];
            entry.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }).ToArray()).ToArray();
        return header.Parts.GetValueOrDefault(name) == Hash(arrays.SelectMany(a => a))
            ? arrays
            : throw new InvalidDataException($"The hash of '{name}' does not match.");
    }

    private sealed record EpochRow(string Phase, int Epoch, long Ticks, Dictionary<string, double> Logs);

    private sealed record Header(
        int Format, string Run, long Steps, double? BestValue, EpochRow[] Epochs,
        Dictionary<string, int[]> Layers, int[][] Slots, Dictionary<string, string> Parts);
}
