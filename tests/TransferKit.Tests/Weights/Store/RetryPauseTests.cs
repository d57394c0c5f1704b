using TransferKit.WeightSources.Store;

namespace TransferKit.Tests.WeightSources.Store;

public sealed class RetryPauseTests
{
    private static readonly WeightStoreOptions Options = new()
    {
        RetryDelay = TimeSpan.FromSeconds(1),
        MaxRetryDelay = TimeSpan.FromSeconds(60),
    };

    [Theory]
    [InlineData(1, null, 0.5, 1), InlineData(4, null, 4, 8)]
    [InlineData(20, null, 30, 60), InlineData(2000, null, 30, 60)]
    [InlineData(1, 10.0, 10, 15), InlineData(9, 10.0, 10, 15)]
    [InlineData(1, 60.0, 60, 90), InlineData(1, 3600.0, 60, 90)]
    [InlineData(1, 0.0, 0, 0), InlineData(1, -5.0, 0, 0)]
    public void A_thousand_clients_that_failed_together_come_back_over_half_of_the_pause(
        int failures, double? retryAfter, double least, double most)
    {
        var random = new Random(1);
        double[] pauses =
        [
            .. Enumerable.Range(0, 1000).Select(_ => RetryPause.After(
                failures, retryAfter is { } s ? TimeSpan.FromSeconds(s) : null, Options, random).TotalSeconds).Order(),
        ];

        Assert.InRange(pauses[0], least, least + (most - least) / 50);
        Assert.InRange(pauses[^1], most - (most - least) / 50, most);
        // No hundredth of the time sees more than 3 % of the clients.
        Assert.True(most == least || Enumerable.Range(0, 970).All(i => pauses[i + 30] - pauses[i] > (most - least) / 100));
    }
}
