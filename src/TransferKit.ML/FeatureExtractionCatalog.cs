using Microsoft.ML;

namespace TransferKit.ML;

/// <summary>Adds the features of backbones to the transforms of ML.NET.</summary>
public static class FeatureExtractionCatalog
{
    /// <summary>Creates a transform of images to the features that a backbone gives them.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The name of the column of features, a vector of <see cref="float"/>.</param>
    /// <param name="inputColumnName">
    /// The name of the column of images: paths of files as text, or <c>MLImage</c>. Relative paths are relative to the current folder.
    /// </param>
    /// <param name="backbone">
    /// A backbone with one output. It is neither copied nor disposed, and must live as long as the pipeline is used.
    /// </param>
    /// <exception cref="ArgumentException">The backbone has several outputs.</exception>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(mlContext.Transforms.ExtractFeatures("Features", "ImagePath", backbone))
    ///     .AppendCacheCheckpoint(mlContext)
    ///     .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
    /// </code>
    /// </example>
    public static FeatureEstimator ExtractFeatures(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, IBackbone backbone)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(outputColumnName, inputColumnName, backbone);
    }
}
