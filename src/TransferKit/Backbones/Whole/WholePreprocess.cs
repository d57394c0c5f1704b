using TransferKit.Graph;

namespace TransferKit.Backbones.Whole;

/// <summary>Represents the preprocessing before a whole model, and where it is known from.</summary>
internal sealed record WholePreprocess(PreprocessMode Mode, PreprocessSource Source, string? Backbone)
{
    /// <summary>Finds the preprocessing of a model.</summary>
    /// <param name="file">The name of the file in messages.</param>
    /// <param name="graph">The model.</param>
    /// <param name="given">The caller's choice.</param>
    /// <exception cref="KerasModelException">
    /// The preprocessing is neither in the model, nor given, nor that of an application inside.
    /// </exception>
    public static WholePreprocess Of(string file, LayerGraph graph, PreprocessMode? given)
    {
        var backbone = KnownBackbone.Of(graph);
        if (given is { } mode)
            return new(mode, PreprocessSource.Given, backbone?.Name);
        if (IsInside(graph))
            return new(PreprocessMode.None, PreprocessSource.Inside, backbone?.Name);
        // Applications without a mode prepare pixels inside; here that part was cut off.
        if (backbone is { Preprocess: not PreprocessMode.None })
            return new(backbone.Preprocess, PreprocessSource.Backbone, backbone.Name);
        throw new KerasModelException(file, null,
            "it does not say how its pictures were prepared: it begins with no Rescaling or Normalization, "
            + "and contains no known application. "
            + "Say it: Preprocess = None for pixels of 0 to 255, Tf for -1 to 1, Caffe or Torch (--preprocess).");
    }

    // Only layers before the first kernel can prepare pixels.
    private static bool IsInside(LayerGraph graph) => graph.Layers
        .TakeWhile(l => !l.Weights.Any(w => w.IsKernel))
        .Any(l => l.Op is Rescaling or Normalization or Arithmetic or AddConstant or MultiplyConstant);
}
