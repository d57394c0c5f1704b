namespace TransferKit.FeatureSets.Tests;

public sealed class EstimateTests : IDisposable
{
    private readonly Pictures _pictures = new(1000, broken: 250);

    [Fact]
    public async Task An_estimate_knows_the_files_and_nearly_the_failures_and_the_size_of_the_set()
    {
        using var source = ImageSource.Folder(_pictures.Path, recursive: true);

        var estimate = await Pictures.Extractor().EstimateAsync(source, 400, TestContext.Current.CancellationToken);
        await _pictures.ExtractAsync("set");

        Assert.Equal((1250, 1000 * 203 + 250 * 10, 1), (estimate.Files, estimate.Bytes, estimate.Shards));
        Assert.InRange(estimate.Measured, 380, 420);
        Assert.InRange(estimate.FailureRate, 0.18, 0.22);
        var size = new DirectoryInfo(_pictures.Out("set")).EnumerateFiles().Sum(f => f.Length);
        Assert.InRange(estimate.SetBytes / (double)size, 0.8, 1.25);
        Assert.True(estimate.FilesPerSecond > 0);
        Assert.Equal(estimate.CoreHours, estimate.Time.TotalHours * estimate.Cores);
        Assert.Equal(["pictures", "set"], Directory.GetFileSystemEntries(_pictures.Out()).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_short_list_is_repeated_and_a_sample_that_says_little_is_refused()
    {
        using var few = new Pictures(3);
        using var source = ImageSource.Folder(few.Path, recursive: true);

        Assert.Equal(3, (await Pictures.Extractor().EstimateAsync(source, 100, TestContext.Current.CancellationToken)).Files);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Pictures.Extractor().EstimateAsync(source, 99));
    }

    public void Dispose() => _pictures.Dispose();
}
