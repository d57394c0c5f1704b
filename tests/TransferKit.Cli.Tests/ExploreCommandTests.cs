using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>Draws a map of the sample pictures as a user does.</summary>
public sealed class ExploreCommandTests : IDisposable
{
    private static readonly string Samples = Goldens.Path("..", "..", "docs", "samples", "pictures");
    private readonly Transferkit _tool = new();

    [Fact]
    public void A_feature_set_becomes_a_page_with_its_pictures()
    {
        var extract = _tool.Run("extract", Samples, "--out", "features/", "--input-size", "64x64", "--interpolation", "bicubic");
        Assert.True(extract.ExitCode == 0, extract.Error);

        var whole = _tool.Run("explore", "features", "--pictures", Samples, "--out", "map.html");
        var sample = _tool.Run("explore", "features", "--out", "small.html", "--limit", "2", "--seed", "3", "--no-tsne");
        Directory.CreateDirectory(_tool.File("empty"));
        var unread = _tool.Run("explore", "features", "--pictures", "empty", "--out", "unread.html");

        Assert.True(whole.ExitCode == 0, whole.Error);
        Assert.Contains("Wrote map.html.", whole.Error);
        Assert.Single(whole.Error.Split('\n'), line => line == "Writing 100 of 100 %");
        var html = File.ReadAllText(_tool.File("map.html"));
        Assert.All(Directory.GetFiles(Samples), file => Assert.Contains($"\"{Path.GetFileName(file)}\"", html));
        Assert.Contains("\"name\":\"t-SNE\"", html);
        Assert.DoesNotContain("\"sheets\":[]", html);

        Assert.Equal(0, sample.ExitCode);
        Assert.Contains($"The map shows 2 of {Directory.GetFiles(Samples).Length} pictures", sample.Error);
        Assert.Contains("--pictures FOLDER shows the pictures", sample.Error);
        Assert.DoesNotContain("\"name\":\"t-SNE\"", File.ReadAllText(_tool.File("small.html")));

        Assert.Equal(3, unread.ExitCode);
        Assert.Equal(Directory.GetFiles(Samples).Length, unread.Error.Split("left out ").Length - 1);
        Assert.True(File.Exists(_tool.File("unread.html")));
    }

    [Fact]
    public void Misuse_ends_with_2_and_missing_folders_with_3()
    {
        Assert.Equal(2, _tool.Run("explore", "features").ExitCode);
        Assert.Equal(2, _tool.Run("explore", "features", "--out", "map.png").ExitCode);
        var limit = _tool.Run("explore", "features", "--out", "map.html", "--limit", "0");
        Assert.Equal(2, limit.ExitCode);
        Assert.Contains("Limit must be 1 to 50,000", limit.Error);
        Assert.Equal(3, _tool.Run("explore", "features", "--out", "map.html").ExitCode);
        Assert.Equal(3, _tool.Run("explore", "features", "--out", "map.html", "--pictures", "photos").ExitCode);
        Assert.Empty(Directory.GetFiles(_tool.Folder));
    }

    public void Dispose() => _tool.Dispose();
}
