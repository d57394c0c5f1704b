using System.Runtime.InteropServices;
using TransferKit.Graph;
using TransferKit.Training.Torch;
using static TorchSharp.torch;

namespace TransferKit.Training.Forms;

/// <summary>Checks that training knows each layer of a whole model, before it begins.</summary>
internal static class TrainableLayers
{
    /// <exception cref="KerasModelException">A layer cannot be trained; the message names it.</exception>
    public static void Check(string file, TorchGraph network)
    {
        using var noGrad = no_grad();
        foreach (var layer in network.Graph.Layers.Where(l => !l.Inputs.IsEmpty))
        {
            using var scope = NewDisposeScope();
            var inputs = layer.Inputs.Select(i => zeros(Sizes(i.OutputShape), device: network.Device)).ToArray();
            try
            {
                LayerForward.Run(
                    layer.Op, layer.Inputs[0].OutputShape, network.WeightsOf(layer), inputs,
                    new LayerContext(Training: false, MayOverwrite: false, network.Random));
            }
            catch (Exception e) when (e is NotSupportedException or ExternalException)
            {
                throw new KerasModelException(
                    file, layer.Name, $"({layer.Op.TypeName}) cannot be trained: TransferKit's trainer lacks it.", e);
            }
        }
    }

    private static long[] Sizes(Shape shape) => shape.IsMap
        ? [1, shape.Channels, shape.Height, shape.Width]
        : [1, .. shape.Dimensions.Select(d => (long)d)];
}
