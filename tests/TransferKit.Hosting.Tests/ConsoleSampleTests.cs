namespace TransferKit.Hosting.Tests;

public class ConsoleSampleTests
{
    [Fact]
    public async Task It_prints_the_features_of_pictures_and_skips_what_is_none()
    {
        var cancel = TestContext.Current.CancellationToken;
        var (rocket, none) = (Path.Combine(Sample.Pictures, "rocket.jpg"), typeof(ConsoleSampleTests).Assembly.Location);

        await using var sample = new Sample("Console", "1280 numbers", rocket, none);

        Assert.Equal(1, await sample.WaitAsync(cancel));
        Assert.Contains($"{rocket}: 1280 numbers, ", sample.Output);
        Assert.Contains($"skipped {none}: ", sample.Output);
    }

    [Fact]
    public async Task Without_pictures_it_ends_with_2()
    {
        await using var sample = new Sample("Console", "Name one");

        Assert.Equal(2, await sample.WaitAsync(TestContext.Current.CancellationToken));
    }
}
