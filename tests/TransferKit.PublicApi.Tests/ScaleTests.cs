using System.Globalization;
using System.Text.RegularExpressions;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>The costs in docs/scale.md are computed from measured images a second.</summary>
public class ScaleTests
{
    private const double Cores = 2;
    private static readonly string Page = File.ReadAllText(Goldens.Path("..", "..", "docs", "scale.md"));

    public static TheoryData<string, string, string> Rows => new(
        from network in new[] { "mobilenet_v2", "resnet50", "inception_v3", "xception", "vgg16" }
        from precision in new[] { ("float32", "speed"), ("int8", "int8") }
        select (network, precision.Item1, precision.Item2));

    [Theory, MemberData(nameof(Rows))]
    public void A_row_follows_from_its_benchmark(string network, string precision, string suite)
    {
        var milliseconds = DecodeMilliseconds() + 1000 * Cores / Cells(suite, network, "32")[2];

        Assert.Contains(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| `{network}` | {precision} | {milliseconds:0.0} | {Hours(1e6)} | {Hours(1e8)} | {Hours(1e10)} |"),
            Page);

        string Hours(double photos)
        {
            var hours = photos * milliseconds / 3.6e6;
            return hours.ToString(hours < 100 ? "0.0" : "#,##0", CultureInfo.InvariantCulture);
        }
    }

    [Theory]
    [InlineData("mobilenet_v2"), InlineData("resnet50"), InlineData("inception_v3"), InlineData("xception"), InlineData("vgg16")]
    public void The_size_of_features_follows_from_their_number(string network)
    {
        const int OtherColumns = 140;
        var features = Backbone.All.Single(b => b.Name == network).Features;
        var bytes = 4.0 * features + OtherColumns;

        Assert.Contains(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| `{network}` | {features} | {bytes * 1e6 / 1e9:0.0} GB | {bytes * 1e8 / 1e9:0} GB | {bytes * 1e10 / 1e12:0.0} TB |"),
            Page);
    }

    private static double DecodeMilliseconds() =>
        Math.Round((Cells("pipeline", "mobilenet_v2")[1] + Cells("pipeline", "resnet50")[1]) / 2, 1);

    private static double[] Cells(string suite, params string[] first)
    {
        var text = File.ReadAllText(Goldens.Path("..", "..", "benchmarks", "results", $"{suite}.md"));
        var row = Regex.Match(text, $@"^\| {string.Join(@" \| ", first)} \|.*$", RegexOptions.Multiline);
        Assert.True(row.Success, $"{suite}.md has no row {string.Join(", ", first)}");
        return
        [
            .. row.Value.Split('|', StringSplitOptions.TrimEntries)[1..^1]
                .Select(c => double.TryParse(c, CultureInfo.InvariantCulture, out var number) ? number : double.NaN),
        ];
    }
}
