using TransferKit.Graph;
using TransferKit.Onnx.Winograd;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>The kernel of a <see cref="WinogradConv2D"/>, transformed, as <c>(36, filters / 64, channels, 64)</c>.</summary>
internal sealed class WinogradKernelTensor(string name, Layer layer, WeightSlot slot) : WeightTensor(
    name, [WinogradTile.Places, slot.Shape[3] / WinogradConvolution.Panel, slot.Shape[2], WinogradConvolution.Panel])
{
    private const int Side = 3;

    public override string Recipe => $"{layer.Name}/{slot.Kind} winograd {WinogradTile.Outputs}";

    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var (channels, filters) = (slot.Shape[2], slot.Shape[3]);
        var keras = new float[checked((int)slot.Count)];
        weights.Read(layer, slot, 0, keras);
        var place = new float[channels * filters];
        for (var i = 0; i < WinogradTile.Places; i++)
        {
            Fill(place, i / WinogradTile.Inputs, i % WinogradTile.Inputs, keras, channels, filters);
            sink.Write(place);
        }
    }

    // Nine products in double, so that the numbers are as good as the untransformed ones.
    private static void Fill(float[] place, int row, int column, float[] keras, int channels, int filters)
    {
        var factors = new double[Side * Side];
        for (var i = 0; i < factors.Length; i++)
            factors[i] = WinogradTile.Kernel[row][i / Side] * WinogradTile.Kernel[column][i % Side];
        Span<double> sums = stackalloc double[WinogradConvolution.Panel];
        var target = 0;
        for (var first = 0; first < filters; first += sums.Length)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                sums.Clear();
                for (var i = 0; i < factors.Length; i++)
                {
                    var from = keras.AsSpan((i * channels + channel) * filters + first, sums.Length);
                    for (var f = 0; f < sums.Length; f++)
                        sums[f] += factors[i] * from[f];
                }
                foreach (var sum in sums)
                    place[target++] = (float)sum;
            }
        }
    }
}
