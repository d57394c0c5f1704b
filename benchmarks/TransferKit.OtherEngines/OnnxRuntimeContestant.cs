using TransferKit.Backbones;
using TransferKit.SideBySide;

namespace TransferKit.OtherEngines;

/// <summary>Runs ONNX Runtime through its C# API.</summary>
internal sealed class OnnxRuntimeContestant(Network network, bool readsInParallel)
    : PlanarContestant("ONNX Runtime", network, readsInParallel)
{
    private readonly PlainModel _model = new(network.PlainPath);

    protected override float[] Run(float[] planar, int count) => _model.Run(planar, [count, 3, Network.Height, Network.Width]);

    public override void Dispose() => _model.Dispose();
}
