using System.Text.Json;

namespace TransferKit.Tests;

/// <summary>Represents Keras' description of one application, <c>goldens/backbones/NAME.json</c>.</summary>
internal sealed record BackboneGolden(
    string Name, double GammaLow, string? Preprocess, int[] DefaultSize, long TotalParams, long TrainableParams,
    GoldenLayer[] LayersTop, long NotopParams, string[] LayerOrderNotop, GoldenCase[] Cases)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Goldens.Path("backbones"), "*.json")
            .Select(f => System.IO.Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    public static BackboneGolden Load(string name)
    {
        using var file = File.OpenRead(Goldens.Path("backbones", name + ".json"));
        return JsonSerializer.Deserialize<BackboneGolden>(file, Options)!;
    }
}

internal sealed record GoldenLayer(
    string Name, string Type, int?[] OutputShape, long Params, JsonElement[][] Weights, string[] Inbound, JsonElement Config);

internal sealed record GoldenCase(
    bool IncludeTop, int? Classes, string? ClassifierActivation, string? Pooling, int[] InputSize, int Batch,
    GoldenOutput Output, Dictionary<string, double[]>? LayerMeanStd);

internal sealed record GoldenOutput(int[] Shape, double Mean, double Std, int Count, float[] Values);
