using TransferKit.Analysis.Tests.Classifiers;
using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Checking;

/// <summary>Looks for the labels of handwritten digits that a seed flipped, by the features of a real network.</summary>
public sealed class WrongLabelTests(ITestOutputHelper output) : IDisposable
{
    private const double FlippedShare = 0.05;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Flipped_labels_of_digits_are_found()
    {
        var pictures = SaveDigits();
        using var backbone = Networks.Load((160, 160));
        var rows = new FeatureExtractor(backbone).Extract(_folder.File("digits"));
        var features = FeatureTable.Of(rows.Values, backbone);
        var random = new Random(20);
        string[] given = [.. features.Names.Select(name => random.NextDouble() < FlippedShare ? Other(pictures[name]) : pictures[name])];

        var report = DataCheck.Run(features, given).Of(DataFindingKind.WrongLabel);

        var flipped = features.Names.Zip(given).Where(p => p.Second != pictures[p.First]).Select(p => p.First).ToHashSet();
        var right = report.Findings.Count(f => flipped.Contains(f.Name));
        var (recall, precision) = ((double)right / flipped.Count, (double)right / report.Findings.Count);
        output.WriteLine($"{given.Length} digits, {flipped.Count} labels flipped: recall {recall:0.000}, precision {precision:0.000}.");
        Assert.InRange(recall, 0.8, 1);
        Assert.InRange(precision, 0.8, 1);
        Assert.InRange(report.Findings.Count(f => pictures[f.Name] == f.Suggestion), 0.8 * flipped.Count, flipped.Count);

        string Other(string label) => $"{(label[0] - '0' + 1 + random.Next(9)) % 10}";
    }

    [Theory]
    [InlineData("ab", "ab"), InlineData("ab", "abcd"), InlineData("aab", "aab"), InlineData("a", "bcdefgh")]
    public void The_same_pictures_in_two_classes_do_not_end_a_check(string first, string second)
    {
        var random = new Random(3);
        var vectors = new Dictionary<char, float[]>();
        foreach (var picture in first + second)
            vectors.TryAdd(picture, [.. Enumerable.Range(0, 1280).Select(_ => random.NextSingle())]);
        var features = FeatureTable.Of(
            [.. first.Select((_, i) => $"a/{i}"), .. second.Select((_, i) => $"b/{i}")],
            (first + second).SelectMany(p => vectors[p]).ToArray());
        string[] labels = [.. first.Select(_ => "a"), .. second.Select(_ => "b")];

        Assert.All(
            DataCheck.Run(features, labels).Of(DataFindingKind.WrongLabel).Findings,
            f => Assert.NotEqual(f.Suggestion, labels[features.Names.ToList().IndexOf(f.Path)]));
    }

    public void Dispose() => _folder.Dispose();

    // Returns the label of each picture.
    private Dictionary<string, string> SaveDigits()
    {
        var labels = new Dictionary<string, string>();
        Directory.CreateDirectory(_folder.File("digits"));
        foreach (var table in new[] { Digits.Train, Digits.Test })
        {
            for (var row = 0; row < table.Count; row++)
            {
                var name = $"{labels.Count:0000}.pgm";
                byte[] pixels = [.. table[row].ToArray().Select(p => (byte)Math.Round(p * 255 / 16))];
                File.WriteAllBytes(_folder.File("digits", name), [.. "P5 8 8 255\n"u8, .. pixels]);
                labels.Add(name, table.Names[row][..1]);
            }
        }
        return labels;
    }
}
