using System.Numerics.Tensors;

namespace TransferKit.Quantization;

/// <summary>
/// The distribution of a value of the graph. Memory is bounded, because the range of its equal bins doubles when a larger number
/// occurs. Zeros are not counted, because every range represents them exactly.
/// </summary>
internal sealed class ActivationHistogram
{
    private const int Half = 2048;

    private readonly long[] _counts = new long[2 * Half];
    private double[] _channelSums = [];
    private int _maps;
    private float _reach;

    public float Min { get; private set; }
    public float Max { get; private set; }

    /// <summary>The minimum of each channel of a map; empty for other values.</summary>
    public float[] ChannelMin { get; private set; } = [];

    public float[] ChannelMax { get; private set; } = [];

    public float[] ChannelMean => Array.ConvertAll(_channelSums, sum => (float)(sum / _maps));

    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>Returns the lower edge of a bin.</summary>
    public double EdgeOf(int bin) => (bin - Half) * (double)_reach / Half;

    /// <summary>Adds the numbers of one map, channel after channel.</summary>
    public void ObserveMap(ReadOnlySpan<float> values, int channels)
    {
        if (ChannelMin.Length == 0)
            (ChannelMin, ChannelMax, _channelSums) = (new float[channels], new float[channels], new double[channels]);
        var length = values.Length / channels;
        for (var c = 0; c < channels; c++)
        {
            var channel = values.Slice(c * length, length);
            ChannelMin[c] = Math.Min(ChannelMin[c], TensorPrimitives.Min(channel));
            ChannelMax[c] = Math.Max(ChannelMax[c], TensorPrimitives.Max(channel));
            _channelSums[c] += TensorPrimitives.Sum(channel) / (double)length;
        }
        _maps++;
        Observe(values);
    }

    public void Observe(ReadOnlySpan<float> values)
    {
        Min = Math.Min(Min, TensorPrimitives.Min(values));
        Max = Math.Max(Max, TensorPrimitives.Max(values));
        var largest = Math.Max(Max, -Min);
        if (largest == 0)
            return;
        if (_reach == 0)
            _reach = MathF.ScaleB(1, MathF.ILogB(largest) + 1);
        while (_reach <= largest)
            Double();
        var scale = Half / _reach;
        foreach (var value in values)
        {
            if (value != 0)
                _counts[(int)(value * scale + Half)]++;
        }
    }

    private void Double()
    {
        var wider = new long[2 * Half];
        for (var bin = 0; bin < _counts.Length; bin++)
            wider[Half / 2 + bin / 2] += _counts[bin];
        wider.CopyTo(_counts);
        _reach *= 2;
    }
}
