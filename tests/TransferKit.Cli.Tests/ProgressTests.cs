namespace TransferKit.Cli.Tests;

public class ProgressTests
{
    [Fact]
    public void The_first_batch_and_the_rows_of_an_earlier_run_make_no_speed()
    {
        var rate = new ProgressRate();

        Assert.Null(rate.Add(TimeSpan.FromMilliseconds(10), 5000));
        Assert.Null(rate.Add(TimeSpan.FromSeconds(1), 5012));
        Assert.Equal(12, rate.Add(TimeSpan.FromMilliseconds(2010), 5024)!.Value, 1e-6);
    }

    [Fact]
    public void The_speed_follows_the_last_minute()
    {
        var rate = new ProgressRate();
        double? last = null;
        for (var second = 0; second <= 600; second++)
            last = rate.Add(TimeSpan.FromSeconds(second), second < 300 ? 100 * second : 30_000 + 10 * (second - 300));

        Assert.Equal(10, last!.Value, 1e-6);
    }

    [Theory]
    [InlineData(61, "Extracting 40 of 100 images, 10.0 images/s, 0:00:06 left")]
    [InlineData(41, "Extracting 40/100 images 10.0/s 0:00:06")]
    [InlineData(37, "Extracting 40/100 10.0/s 0:00:06")]
    [InlineData(17, "40/100 10.0/s 0:00:06")]
    public void The_text_tells_speed_and_time_once_they_are_known_and_is_shorter_where_columns_are_few(int room, string text)
    {
        var progress = new ProgressText("Extracting", 1, "images", room);

        Assert.DoesNotContain("/s", progress.Describe(0, 100, TimeSpan.FromSeconds(1)));
        Assert.Equal(text, progress.Describe(40, 100, TimeSpan.FromSeconds(5)));
    }
}
