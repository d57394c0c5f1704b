using System.Text.Json;
using System.Text.RegularExpressions;

namespace TransferKit.Tests.Imaging;

/// <summary>Compares the table of docs/images.md with what the decoder does, picture by picture.</summary>
public partial class KindTests
{
    private const string Refused = "refused by Pillow";

    private static readonly IReadOnlyDictionary<string, string> PillowHashes = Hashes();

    [Fact]
    public void Every_row_of_the_table_of_formats_holds()
    {
        var (read, refused, named) = (0, 0, new HashSet<string>());
        foreach (var row in Rows())
        {
            Assert.NotEmpty(row.Pictures);
            foreach (var picture in row.Pictures)
            {
                named.Add(picture);
                // A row names kinds by patterns, which damaged files of the kind match too. Another test has those.
                if (row.Refused is null && PillowHashes[picture] == Refused)
                    continue;
                if (row.Refused is null)
                {
                    Assert.Equal((picture, PillowHashes[picture]), (picture, GoldenImage.Sha256(RgbImage.Load(Goldens.Path(picture)))));
                    read++;
                    continue;
                }
                var error = Assert.Throws<ImageDecodeException>(() => RgbImage.Load(Goldens.Path(picture)));
                Assert.Equal((picture, ImageDecodeError.Unsupported), (picture, error.Reason));
                Assert.Contains(row.Refused, error.Message);
                refused++;
            }
        }
        Assert.True(read > 120 && refused > 15, $"{read} read, {refused} refused");
        var kinds = Directory.GetFiles(Goldens.Path("kinds")).Select(f => $"kinds/{Path.GetFileName(f)}").Where(f => !f.EndsWith(".py"));
        // Pillow reads a PNG of a palette without colours, which the standard forbids.
        Assert.Equal(["kinds/png_no_palette.png"], kinds.Except(named));
        Assert.Equal(
            ImageDecodeError.Corrupt,
            Assert.Throws<ImageDecodeException>(() => RgbImage.Load(Goldens.Path("kinds", "png_no_palette.png"))).Reason);
    }

    private static IEnumerable<(string[] Pictures, string? Refused)> Rows()
    {
        foreach (var line in File.ReadLines(Goldens.Path("..", "..", "docs", "images.md")).Where(
            l => l.Contains('*') || l.Contains("kinds/")))
        {
            if (line.Split('|') is not [_, _, _, var result, var pictures, _])
                continue;
            var patterns = Code().Matches(pictures).Select(m => m.Groups[1].Value);
            var files = patterns.SelectMany(p => Directory.GetFiles(Goldens.Path(p.Split('/')[0]), p.Split('/')[1]))
                .Select(f => $"{Path.GetFileName(Path.GetDirectoryName(f))}/{Path.GetFileName(f)}").Where(PillowHashes.ContainsKey);
            yield return ([.. files], result.Contains("refused") ? result.Split('"')[1] : null);
        }
    }

    private static Dictionary<string, string> Hashes()
    {
        var hashes = new Dictionary<string, string>();
        foreach (var folder in (string[])["kinds", "pictures", "jpegs"])
        {
            using var facts = JsonDocument.Parse(File.ReadAllBytes(Goldens.Path($"{folder}.json")));
            foreach (var fact in facts.RootElement.EnumerateObject().Where(f => f.Value.ValueKind == JsonValueKind.Object))
            {
                if (!fact.Value.TryGetProperty("upright", out _))
                {
                    hashes[$"{folder}/{fact.Name}"] = fact.Value.TryGetProperty(folder == "jpegs" ? "rgb_sha256" : "sha256", out var hash)
                        ? hash.GetString()! : Refused;
                }
            }
        }
        return hashes;
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
