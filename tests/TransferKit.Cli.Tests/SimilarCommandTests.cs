using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>Searches the sample pictures as a user does.</summary>
public sealed class SimilarCommandTests : IDisposable
{
    private static readonly string Samples = Goldens.Path("..", "..", "docs", "samples", "pictures");
    private readonly Transferkit _tool = new();

    [Fact]
    public void A_picture_of_the_set_is_most_similar_to_itself_by_features_and_by_index()
    {
        var picture = Directory.GetFiles(Samples).Order(StringComparer.Ordinal).First();
        var extract = _tool.Run("extract", Samples, "--out", "features/", "--input-size", "64x64", "--interpolation", "bicubic");
        Assert.True(extract.ExitCode == 0, extract.Error);

        var text = _tool.Run("similar", picture, "features", "--top", "2", "--save", "photos.index");
        var json = _tool.Run("similar", picture, "photos.index", "--top", "2", "--json", "--html", "x.html", "--pictures", Samples);

        Assert.True(text.ExitCode == 0, text.Error);
        Assert.True(json.ExitCode == 0, json.Error);
        var lines = text.Out.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Matches($@"^  (1\.0000|0\.9999)  {Path.GetFileName(picture)}$", lines[0]);
        using var found = JsonDocument.Parse(json.Out);
        Assert.Equal(Path.GetFileName(picture), found.RootElement.GetProperty("found")[0].GetProperty("name").GetString());
        Assert.Equal(3, File.ReadAllText(_tool.File("x.html")).Split("<img ").Length - 1);
    }

    [Fact]
    public void Misuse_ends_with_2_and_a_missing_picture_with_3()
    {
        Assert.Equal(2, _tool.Run("similar", "x.jpg", "features", "--top", "0").ExitCode);
        Assert.Equal(2, _tool.Run("similar", "x.jpg", "features", "--html", "x.html").ExitCode);
        Assert.Equal(3, _tool.Run("similar", "x.jpg", "features").ExitCode);
    }

    public void Dispose() => _tool.Dispose();
}
