using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Analysis.Tests.Maps;

/// <summary>Represents <c>map.json</c>, which scikit-learn made.</summary>
public sealed record MapGolden
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static MapGolden All { get; } =
        JsonSerializer.Deserialize<MapGolden>(File.ReadAllBytes(Goldens.Path("analysis", "map.json")), Json)!;

    public required Projection[] Pca { get; init; }
    public required Joint Affinities { get; init; }
    public required Embedding Tsne { get; init; }

    public static FeatureTable Table(float[] features, int dimensions) =>
        FeatureTable.Of([.. Enumerable.Range(0, features.Length / dimensions).Select(i => $"{i}.png")], features);

    public sealed record Projection
    {
        public required string Name { get; init; }
        public required int Dimensions { get; init; }
        public required float[] Features { get; init; }
        public required double[] Coordinates { get; init; }
        public required double[] Shares { get; init; }
    }

    public sealed record Joint
    {
        public required int Dimensions { get; init; }
        public required float[] Features { get; init; }
        public required double Perplexity { get; init; }
        public required int[] Rows { get; init; }
        public required int[] Columns { get; init; }
        public required double[] Values { get; init; }
    }

    public sealed record Embedding
    {
        public required double Divergence { get; init; }
        public required double SameLabel { get; init; }
    }
}
