using TransferKit.Features;

namespace TransferKit.Tests.Features;

public class BatchSizesTests
{
    [Fact]
    public void What_the_user_says_stays()
    {
        var sizes = new BatchSizes(asked: 5, imageBytes: 100, largest: 1000);

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(5, sizes.Next());
            sizes.Measured(5, 5, seconds: i);
        }
    }

    [Theory]
    [InlineData(1.0, 0)]
    [InlineData(0.99, 0)] // The gain does not justify the memory.
    [InlineData(0.5, 1)]
    public void The_fastest_is_chosen_and_of_equal_ones_the_smallest(double factor, int chosen)
    {
        var sizes = new BatchSizes(asked: null, imageBytes: 100, largest: 100_000);
        var tried = Try(sizes, (size, at) => size * Math.Pow(factor, at));

        Assert.Equal(2, tried.Length);
        Assert.Equal(tried[chosen], sizes.Next());
        Assert.Equal(tried[chosen], sizes.Next());
    }

    [Fact]
    public void Large_images_come_in_small_batches()
    {
        var sizes = new BatchSizes(asked: null, imageBytes: 1 << 25, largest: 100_000);

        Assert.Equal(2, sizes.Next());
        Assert.Equal(1, new BatchSizes(asked: null, imageBytes: 1 << 28, largest: 100_000).Next());
        Assert.Equal(7, new BatchSizes(asked: 100, imageBytes: 1, largest: 7).Next());
    }

    [Fact]
    public void Files_that_are_no_images_decide_nothing()
    {
        var sizes = new BatchSizes(asked: null, imageBytes: 100, largest: 100_000);

        Try(sizes, (_, _) => 0, images: 0);

        Assert.True(sizes.Next() > 0);
    }

    // Returns the tried sizes in ascending order. The first round does not count.
    private static int[] Try(BatchSizes sizes, Func<int, int, double> seconds, int? images = null)
    {
        var tried = new SortedSet<int>();
        for (var i = 0; i < 30; i++)
        {
            var size = sizes.Next();
            tried.Add(size);
            sizes.Measured(size, images ?? size, seconds(size, tried.Order().ToList().IndexOf(size)));
        }
        return [.. tried];
    }

    [Fact]
    public void The_largest_on_trial_comes_first_so_that_memory_grows_no_more()
    {
        var sizes = new BatchSizes(asked: null, imageBytes: 100, largest: 100_000);
        var first = sizes.Next();

        Assert.Equal(first, Try(sizes, (size, _) => size).Max());
    }
}
