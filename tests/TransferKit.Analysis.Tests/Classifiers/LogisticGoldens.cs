using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Analysis.Tests.Classifiers;

/// <summary>Represents a case of <c>logistic.json</c>, which scikit-learn made.</summary>
public sealed record LogisticGolden
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required string Name { get; init; }
    public required int Dimensions { get; init; }
    public required int Classes { get; init; }
    public required double Strength { get; init; }
    public required float[] Features { get; init; }
    public required int[] Labels { get; init; }
    public required float[] Queries { get; init; }
    public required double[] Coefficients { get; init; }
    public required double[] Intercepts { get; init; }
    public required int[] NearestMean { get; init; }
    public required int[] NearestNeighbours { get; init; }

    public static IReadOnlyList<LogisticGolden> All { get; } = Read();

    public FeatureTable Table => FeatureTable.Of([.. Labels.Select((l, i) => $"{l}/{i}")], Features);

    public IEnumerable<float[]> EachQuery => Queries.Chunk(Dimensions);

    public override string ToString() => Name;

    private static LogisticGolden[] Read()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("analysis", "logistic.json")));
        return file.RootElement.GetProperty("cases").Deserialize<LogisticGolden[]>(Json)!;
    }
}
