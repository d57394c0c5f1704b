using Microsoft.ML;
using TransferKit.ML;
using static TransferKit.Pooling;

namespace TransferKit.Snippets;

internal static class MachineLearning
{
    public static void Pipeline(IDataView rows)
    {
        var mlContext = new MLContext(seed: 1);
        using IBackbone backbone = Backbone.Load("resnet50", includeTop: false, pooling: Avg);
        var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.ExtractFeatures("Features", "ImagePath", backbone))
            .AppendCacheCheckpoint(mlContext)                        // the trainer makes several passes
            .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        ITransformer model = pipeline.Fit(rows);

        mlContext.Model.SaveWithFeatures(model, rows.Schema, "model.zip");
        ITransformer loaded = mlContext.Model.LoadWithFeatures("model.zip", backbone, out DataViewSchema? schema);
    }
}
