using Microsoft.ML;
using Microsoft.ML.Data;
using TransferKit.Common;
using TransferKit.Features;

namespace TransferKit.ML;

/// <summary>Saves and loads pipelines with transforms of this package.</summary>
/// <remarks>
/// ML.NET's <c>Model.Save</c> writes only transforms of its own assemblies. These methods have ML.NET save the parts of a pipeline between
/// transforms of features, and put them into one file.
/// </remarks>
public static class FeatureModelCatalog
{
    /// <summary>
    /// Saves a pipeline with transforms of features. The file holds neither the backbone nor its weights, but what identifies them.
    /// </summary>
    /// <param name="catalog">The catalog: <c>mlContext.Model</c>.</param>
    /// <param name="model">The pipeline, which a chain of estimators gave.</param>
    /// <param name="inputSchema">The schema of the pipeline's input; null to save none.</param>
    /// <param name="path">The file to write, such as <c>model.zip</c>. An existing one is replaced when the new one is complete.</param>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public static void SaveWithFeatures(
        this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FeatureModelFile { InputSchema = Saved(new TransformerChain<ITransformer>()) };
        var between = new List<ITransformer>();
        foreach (var stage in Flatten(model))
        {
            if (stage is not FeatureTransformer features)
            {
                between.Add(stage);
                continue;
            }
            Close();
            file.Stages.Add(new(new(features.OutputColumnName, features.InputColumnName, Stamp(features.Backbone)), null));
        }
        Close();
        AtomicFile.Write(OutputTarget.Of(path), file.Write);

        void Close()
        {
            if (between.Count > 0)
                file.Stages.Add(new(null, Saved(new TransformerChain<ITransformer>([.. between]))));
            between.Clear();
        }

        byte[] Saved(ITransformer part)
        {
            using var stream = new MemoryStream();
            catalog.Save(part, inputSchema, stream);
            return stream.ToArray();
        }
    }

    /// <summary>Loads a pipeline that <see cref="SaveWithFeatures"/> saved.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Model</c>.</param>
    /// <param name="path">The path of the file. ML.NET's parts of it are only safe to load if their origin is trusted.</param>
    /// <param name="backbone">
    /// The backbone, loaded with the options that it had when the pipeline was saved. It is neither copied nor disposed.
    /// </param>
    /// <param name="inputSchema">The schema of the pipeline's input; null if none was saved.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="FeatureModelException">
    /// The file is damaged, or the backbone, its weights or its preparation of images are not those of the saved pipeline.
    /// </exception>
    public static ITransformer LoadWithFeatures(
        this ModelOperationsCatalog catalog, string path, IBackbone backbone, out DataViewSchema? inputSchema)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(backbone);
        var file = FeatureModelFile.Read(path);
        Part(file.InputSchema, out inputSchema);
        var stamp = Stamp(backbone);
        var stages = new List<ITransformer>();
        foreach (var (features, part) in file.Stages)
        {
            if (features is null)
            {
                stages.AddRange(Flatten(Part(part!, out _)));
                continue;
            }
            Check(features.Stamp);
            stages.Add(new FeatureTransformer(features.Output, features.Input, backbone));
        }
        return new TransformerChain<ITransformer>([.. stages]);

        ITransformer Part(byte[] part, out DataViewSchema? schema)
        {
            try
            {
                using var stream = new MemoryStream(part, writable: false);
                return catalog.Load(stream, out schema);
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or IOException)
            {
                throw new FeatureModelException(path, $"ML.NET cannot read a part of it: {e.Message}", e);
            }
        }

        void Check(IReadOnlyDictionary<string, string> saved)
        {
            foreach (var key in saved.Keys.Union(stamp.Keys).Order(StringComparer.Ordinal))
            {
                var (was, isNow) = (saved.GetValueOrDefault(key, "not set"), stamp.GetValueOrDefault(key, "not set"));
                if (was != isNow)
                {
                    throw new FeatureModelException(
                        path, $"its pipeline was made with {key} {was}, and the backbone has {isNow}. "
                        + "Load the backbone with the options that it had then.");
                }
            }
        }
    }

    private static SortedDictionary<string, string> Stamp(IBackbone backbone) => FeatureStamp.Of(backbone, backbone.Images);

    private static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [model];
}
