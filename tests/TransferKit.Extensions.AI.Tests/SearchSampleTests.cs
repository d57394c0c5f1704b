using TransferKit.Tests;

namespace TransferKit.Extensions.AI.Tests;

public class SearchSampleTests
{
    [Fact]
    public async Task The_sample_finds_the_picture_itself_first_and_ranks_the_folder()
    {
        var pictures = Path.Combine(FileApp.Samples, "pictures");

        var lines = await FileApp.RunAsync(
            "search.cs", [pictures, Path.Combine(pictures, "chelsea.png")], TestContext.Current.CancellationToken);

        Assert.Equal(4, lines.Length);
        Assert.Equal("1.000 chelsea.png", lines[0]);
    }
}
