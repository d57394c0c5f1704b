using Microsoft.ML;
using Microsoft.ML.Data;
using TransferKit.Backbones;
using TransferKit.ML;

namespace TransferKit.OtherEngines;

/// <summary>Runs a pipeline of ML.NET with TransferKit's transform of features.</summary>
internal sealed class PipelineContestant(Network network) : Contestant("TransferKit.ML")
{
    private readonly IBackbone _backbone = Backbone.Load(
        network.Name, network.Options with { Images = new() { Interpolation = Interpolation.Bilinear } });

    private readonly MLContext _context = new();

    public override float[] Run(PreparedBatch batch) => throw new NotSupportedException("Pipelines take files.");

    public override float[][] Extract(string folder)
    {
        var rows = _context.Data.LoadFromEnumerable(FilesOf(folder).Select(f => new ImageFile { Path = f }));
        var features = _context.Transforms.ExtractFeatures("Features", nameof(ImageFile.Path), _backbone).Fit(rows).Transform(rows);
        return [.. features.GetColumn<float[]>("Features")];
    }

    public override void Dispose() => _backbone.Dispose();

    private sealed class ImageFile
    {
        public string Path { get; set; } = "";
    }
}
