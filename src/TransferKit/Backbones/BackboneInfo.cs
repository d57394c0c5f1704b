using TransferKit.Architectures;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit;

/// <summary>Describes an application at Keras' default options, to choose one by.</summary>
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

    /// <summary>
    /// Gets Keras' name of the model, such as <c>efficientnet_v2_b0</c>. It is the name to load it by:
    /// <see cref="Backbone.Load(string, BackboneOptions, IProgress{WeightDownloadProgress}, CancellationToken)"/>.
    /// </summary>
    public string Name => Architecture.Name;

    /// <summary>Gets the name of Keras' function, such as <c>EfficientNetV2B0</c>.</summary>
    public string KerasName => Architecture.KerasName;

    /// <summary>Gets the height and width of the images that it was trained on.</summary>
    public ImageSize InputSize => Architecture.DefaultSize;

    /// <summary>Gets the minimum height and width in pixels without the top.</summary>
    public int MinimumSize => Architecture.MinSize;

    /// <summary>Gets the preprocessing of pixels before the first layer.</summary>
    public PreprocessMode Preprocess => Architecture.Preprocess;

    /// <summary>
    /// Gets the values of <see cref="BackboneOptions.Alpha"/> that have ImageNet weights; empty for networks without this option.
    /// </summary>
    public IReadOnlyList<double> Alphas => Architecture.Options.HasFlag(FamilyOptions.Alpha) ? Architecture.WeightAlphas : [];

    /// <summary>Gets the length of the pooled feature vector.</summary>
    public int Features => _noTop.Value.Output.OutputShape.Channels;

    /// <summary>Gets the number of parameters with the ImageNet top.</summary>
    public long Parameters => _top.Value.TotalParameters;

    /// <summary>Gets the number of parameters without the top.</summary>
    public long ParametersNoTop => _noTop.Value.TotalParameters;

    /// <summary>Gets the size of the parameters with the ImageNet top as 32-bit floats, in megabytes of 2^20 bytes.</summary>
    public double Megabytes => Parameters * sizeof(float) / (double)(1 << 20);

    /// <summary>
    /// Gets the number of multiply-adds for an image of <see cref="InputSize"/> with the top. Convolutions and dense layers count, as
    /// in papers.
    /// </summary>
    public long MultiplyAdds => Graph.MultiplyAdds.Of(_top.Value);

    /// <summary>Gets the figures that others have published of it: accuracy, depth.</summary>
    public PublishedFigures Published => Architecture.Published;

    /// <summary>Gets the paper that introduced it.</summary>
    public Paper Paper => Architecture.Paper;

    /// <summary>Gets the licence of its ImageNet weights; null if neither Keras nor the weights' source states one.</summary>
    public WeightsLicense? License => Architecture.License;

    /// <summary>Gets the name of Keras' ImageNet weight file with the top; null if Keras publishes none.</summary>
    public string? WeightsFile => Entry(includeTop: true)?.File;

    /// <summary>Gets the name of Keras' ImageNet weight file without the top; null if Keras publishes none.</summary>
    public string? WeightsFileNoTop => Entry(includeTop: false)?.File;

    /// <summary>Returns whether ImageNet weights are in a store's folder; false if Keras publishes none.</summary>
    /// <param name="includeTop">Whether to look for the weights with the top.</param>
    /// <param name="store">The store. Defaults to the one in Keras' own folder.</param>
    public bool IsCached(bool includeTop, WeightStore? store = null) =>
        Entry(includeTop) is { } entry && File.Exists((store ?? WeightStore.Default).PathsOf(entry).Target);

    private CatalogEntry? Entry(bool includeTop) =>
        Architecture.WeightsKey(new() { InputSize = InputSize }) is { } key ? WeightCatalog.Find(key, includeTop) : null;

    private LayerGraph Build(bool includeTop) => Architecture.Build(new BuildOptions
    {
        InputSize = Architecture.DefaultSize,
        IncludeTop = includeTop,
        Pooling = includeTop ? Pooling.None : Pooling.Avg,
    });
}
