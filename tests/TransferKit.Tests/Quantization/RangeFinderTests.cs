using TransferKit.Quantization;

namespace TransferKit.Tests.Quantization;

public class RangeFinderTests
{
    [Fact]
    public void Min_and_max_are_exact_however_far_the_reach_has_grown()
    {
        var histogram = new ActivationHistogram();
        foreach (var value in new[] { 0.01f, -0.5f, 3f, 100f, -7f })
            histogram.Observe([value]);

        Assert.Equal(new(-7, 100), RangeFinder.Find(histogram, CalibrationMethod.MinMax));
    }

    [Theory, InlineData(CalibrationMethod.Percentile), InlineData(CalibrationMethod.Entropy)]
    public void A_few_numbers_far_from_all_others_are_clipped(CalibrationMethod method)
    {
        var histogram = Normal(count: 200_000, outliers: [-90, 100]);

        var (min, max) = RangeFinder.Find(histogram, method);

        Assert.InRange(max, 2.5f, 25);
        Assert.InRange(min, -25, -2.5f);
    }

    [Theory, InlineData(CalibrationMethod.MinMax), InlineData(CalibrationMethod.Percentile), InlineData(CalibrationMethod.Entropy)]
    public void Numbers_that_fill_their_range_evenly_keep_it(CalibrationMethod method)
    {
        var histogram = new ActivationHistogram();
        histogram.Observe([.. Enumerable.Range(0, 60_001).Select(i => i / 10_000f)]);

        var (min, max) = RangeFinder.Find(histogram, method);

        Assert.Equal(0, min);
        Assert.InRange(max, 5.9f, 6);
    }

    [Theory, InlineData(CalibrationMethod.MinMax), InlineData(CalibrationMethod.Percentile), InlineData(CalibrationMethod.Entropy)]
    public void A_value_that_is_always_zero_has_a_scale_all_the_same(CalibrationMethod method)
    {
        var histogram = new ActivationHistogram();
        histogram.Observe(new float[64]);

        Assert.Equal(new ByteScale(1, 0), ByteScale.Of(RangeFinder.Find(histogram, method)));
    }

    [Fact]
    public void Zero_is_kept_exactly_and_is_the_byte_0_after_a_ReLU()
    {
        Assert.Equal(new ByteScale(6f / 255, 0), ByteScale.Of(new(0, 6)));
        Assert.Equal(new ByteScale(6f / 255, 0), ByteScale.Of(new(2, 6)));
        Assert.Equal(255, ByteScale.Of(new(-3, -1)).ZeroPoint);
        Assert.InRange(ByteScale.Of(new(-1, 1)).ZeroPoint, 127, 128);
    }

    private static ActivationHistogram Normal(int count, float[] outliers)
    {
        var (histogram, random) = (new ActivationHistogram(), new Random(3));
        var normal = Enumerable.Range(0, count).Select(
            _ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
        histogram.Observe([.. normal, .. outliers]);
        return histogram;
    }
}
