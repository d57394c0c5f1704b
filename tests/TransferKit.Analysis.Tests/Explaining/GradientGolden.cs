using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Analysis.Tests.Explaining;

/// <summary>Represents a case of <c>gradcam.json</c>, which Keras made in double precision.</summary>
public sealed record GradientGolden
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required string Name { get; init; }

    /// <summary>Gets the map of each score, row by row.</summary>
    public required double[][] Maps { get; init; }

    public static IReadOnlyList<GradientGolden> All { get; } = Read();

    private static GradientGolden[] Read()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("analysis", "gradcam.json")));
        return file.RootElement.GetProperty("cases").Deserialize<GradientGolden[]>(Json)!;
    }
}
