using TransferKit.Backbones;
using static TorchSharp.torch;

namespace TransferKit.OtherEngines;

/// <summary>Runs TorchSharp. SkiaSharp reads the pictures.</summary>
internal sealed class TorchContestant(Network network, bool readsInParallel) : PlanarContestant("TorchSharp", network, readsInParallel)
{
    private readonly TorchModel _model = new(network.PlainPath);

    protected override float[] Run(float[] planar, int count)
    {
        using var _ = NewDisposeScope();
        using var __ = inference_mode();
        return [.. _model.Run(tensor(planar, [count, 3, Network.Height, Network.Width])).data<float>()];
    }

    public override void Dispose() => _model.Dispose();
}
