using TransferKit.Backbones;

namespace TransferKit.OtherEngines;

internal sealed class TransferKitContestant(Network network) : Contestant("TransferKit")
{
    private readonly IBackbone _backbone = Backbone.Load(network.Name, network.Options);

    public override float[] Run(PreparedBatch batch) => _backbone.Predict(batch.Pixels).Values.ToArray();

    public override float[][] Extract(string folder)
    {
        var options = new FeatureExtractorOptions { BatchSize = FolderBatch, Images = new() { Interpolation = Interpolation.Bilinear } };
        return [.. new FeatureExtractor(_backbone, options).Extract(folder).Values.Select(r => r.Features.ToArray())];
    }

    public override void Dispose() => _backbone.Dispose();
}
