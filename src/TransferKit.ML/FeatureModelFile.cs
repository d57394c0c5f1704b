using System.IO.Compression;
using System.Text.Json;
using TransferKit.Common;

namespace TransferKit.ML;

/// <summary>Represents a transform of features in a file: its columns, and what identifies its backbone.</summary>
internal sealed record FeatureStage(string Output, string Input, IReadOnlyDictionary<string, string> Stamp);

/// <summary>
/// Represents the file of a pipeline: a <c>.zip</c> with <c>pipeline.json</c>, which lists the stages, and ML.NET's own files of the parts
/// between transforms of features.
/// </summary>
internal sealed class FeatureModelFile
{
    private const string List = "pipeline.json";
    private const string Schema = "schema.zip";
    private const int Format = 1;
    private const int MostStages = 1000;
    private const int MostBytesOfList = 1 << 20;

    /// <summary>Gets ML.NET's file of an empty pipeline with the schema of the input.</summary>
    public required byte[] InputSchema { get; init; }

    /// <summary>Gets the stages: either a transform of features, or ML.NET's file of a part.</summary>
    public List<(FeatureStage? Features, byte[]? Part)> Stages { get; } = [];

    public void Write(Stream stream)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Add(Schema, InputSchema);
        for (var i = 0; i < Stages.Count; i++)
        {
            if (Stages[i].Part is { } part)
                Add(PartName(i), part);
        }
        Add(List, JsonSerializer.SerializeToUtf8Bytes(new StageList(Format, [.. Stages.Select(s => s.Features)])));

        void Add(string name, byte[] content)
        {
            using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
            entry.Write(content);
        }
    }

    /// <exception cref="FeatureModelException">The file is damaged, or no pipeline.</exception>
    public static FeatureModelFile Read(string path)
    {
        using var stream = InputFile.Open(path);
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            var list = JsonSerializer.Deserialize<StageList>(Content(List, MostBytesOfList));
            if (list is not { Version: Format, Stages.Count: <= MostStages })
                throw new InvalidDataException($"its {List} is of another version.");
            if (list.Stages.Any(s => s is { Output: null or "" } or { Input: null or "" } or { Stamp: null }))
                throw new InvalidDataException($"its {List} has a stage without columns or backbone.");
            var file = new FeatureModelFile { InputSchema = Content(Schema, Array.MaxLength) };
            foreach (var (i, features) in list.Stages.Index())
                file.Stages.Add(features is null ? (null, Content(PartName(i), Array.MaxLength)) : (features, null));
            return file;

            byte[] Content(string name, int most)
            {
                var entry = archive.GetEntry(name) ?? throw new InvalidDataException($"it has no {name}, so it is no saved pipeline.");
                // Entries are stored as they are, so none can be larger than the file.
                if (entry.Length > Math.Min(most, stream.Length))
                    throw new InvalidDataException($"its {name} claims {entry.Length} bytes.");
                var content = new byte[entry.Length];
                using var from = entry.Open();
                from.ReadExactly(content);
                return content;
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or JsonException or NotSupportedException)
        {
            throw new FeatureModelException(
                path, $"{e.Message} Save it with mlContext.Model.{nameof(FeatureModelCatalog.SaveWithFeatures)}.", e);
        }
    }

    private static string PartName(int stage) => $"{stage}.zip";

    private sealed record StageList(int Version, List<FeatureStage?> Stages);
}
