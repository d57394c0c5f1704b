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

    [Fact]
    public void The_text_tells_speed_and_time_once_they_are_known_and_is_short_in_a_narrow_terminal()
    {
        var (wide, narrow) = (new ProgressText("Extracting", 1, "images", 80), new ProgressText("Extracting", 1, "images", 40));

        Assert.Equal("Extracting 0 of 100 images", wide.Describe(0, 100, TimeSpan.FromSeconds(1)));
        Assert.Equal("Extracting 40 of 100 images, 10.0 images/s, 0:00:06 left", wide.Describe(40, 100, TimeSpan.FromSeconds(5)));
        narrow.Describe(0, 100, TimeSpan.FromSeconds(1));
        Assert.Equal("40/100 images 10.0/s 0:00:06", narrow.Describe(40, 100, TimeSpan.FromSeconds(5)));
    }
}
