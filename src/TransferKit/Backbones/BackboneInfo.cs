using TransferKit.Architectures;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit;

/// <summary>What a choice between the applications needs, at Keras' default options.</summary>
public sealed class BackboneInfo
{
    private readonly Lazy<LayerGraph> _top;
    private readonly Lazy<LayerGraph> _noTop;

    internal BackboneInfo(Architecture architecture)
    {
        Architecture = architecture;
        _top = new(() => Build(includeTop: true));
        _noTop = new(() => Build(includeTop: false));
    }

    internal Architecture Architecture { get; }

    /// <summary>Keras' name of the model, <c>efficientnet_v2_b0</c>: what <see cref="Backbone.Load(string, BackboneOptions, IProgress{WeightDownloadProgress}, CancellationToken)"/> takes.</summary>
    public string Name => Architecture.Name;

    /// <summary>The name of Keras' function and of the type here, <c>EfficientNetV2B0</c>.</summary>
    public string KerasName => Architecture.KerasName;

    /// <summary>The height and width that it was trained on.</summary>
    public ImageSize InputSize => Architecture.DefaultSize;

    /// <summary>The least height and width with the top off, in pixels.</summary>
    public int MinimumSize => Architecture.MinSize;

    /// <summary>What is done to pixels before the first layer.</summary>
    public PreprocessMode Preprocess => Architecture.Preprocess;

    /// <summary>
    /// The widths that have ImageNet weights, for <see cref="BackboneOptions.Alpha"/>; empty for the networks that have no
    /// such option.
    /// </summary>
    public IReadOnlyList<double> Alphas => Architecture.Options.HasFlag(FamilyOptions.Alpha) ? Architecture.WeightAlphas : [];

    /// <summary>The length of the pooled feature vector.</summary>
    public int Features => _noTop.Value.Output.OutputShape.Channels;

    /// <summary>Parameters with the ImageNet top.</summary>
    public long Parameters => _top.Value.TotalParameters;

    /// <summary>Parameters with the top off.</summary>
    public long ParametersNoTop => _noTop.Value.TotalParameters;

    /// <summary>The megabytes (2^20 bytes) of the parameters with the ImageNet top, as 32-bit floats.</summary>
    public double Megabytes => Parameters * sizeof(float) / (double)(1 << 20);

    /// <summary>
    /// How many multiplications, each with its addition, an image of <see cref="InputSize"/> costs with the top, counted
    /// from the layers: those of convolutions and dense layers, as papers count.
    /// </summary>
    public long MultiplyAdds => Graph.MultiplyAdds.Of(_top.Value);

    /// <summary>What others have measured of it: accuracy, depth.</summary>
    public PublishedFigures Published => Architecture.Published;

    /// <summary>The paper that it comes from.</summary>
    public Paper Paper => Architecture.Paper;

    /// <summary>The licence of its ImageNet weights; null where neither Keras nor the weights' source states one.</summary>
    public WeightsLicense? License => Architecture.License;

    /// <summary>The name of Keras' ImageNet weight file with the top.</summary>
    public string WeightsFile => Entry(includeTop: true).File;

    /// <summary>The name of Keras' ImageNet weight file with the top off.</summary>
    public string WeightsFileNoTop => Entry(includeTop: false).File;

    /// <summary>Whether the ImageNet weights are in a store's folder.</summary>
    /// <param name="includeTop">Those with the top or without.</param>
    /// <param name="store">The store; Keras' own folder when left out.</param>
    public bool IsCached(bool includeTop, WeightStore? store = null) =>
        File.Exists((store ?? WeightStore.Default).PathsOf(Entry(includeTop)).Target);

    private CatalogEntry Entry(bool includeTop) =>
        WeightCatalog.Find(Architecture.WeightsKey(new() { InputSize = InputSize })!, includeTop)!;

    private LayerGraph Build(bool includeTop) => Architecture.Build(new BuildOptions
    {
        InputSize = Architecture.DefaultSize,
        IncludeTop = includeTop,
        Pooling = includeTop ? Pooling.None : Pooling.Avg,
    });
}
