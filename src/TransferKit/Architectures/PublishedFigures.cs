namespace TransferKit;

/// <summary>
/// Represents the published figures of an application. TransferKit measured none of them. A figure that is not published is null.
/// </summary>
public sealed class PublishedFigures
{
    private const string Keras = "https://keras.io/api/applications/";

    internal PublishedFigures(
        double? megabytes = null, double? top1 = null, double? top5 = null, int? depth = null, string source = Keras) =>
        (Megabytes, Top1, Top5, Depth, Source) = (megabytes, top1, top5, depth, source);

    /// <summary>Gets the size in megabytes of the weights with the top.</summary>
    public double? Megabytes { get; }

    /// <summary>Gets the percentage of ImageNet's validation images whose class is the first prediction.</summary>
    public double? Top1 { get; }

    /// <summary>Gets the percentage of ImageNet's validation images whose class is among the first five predictions.</summary>
    public double? Top5 { get; }

    /// <summary>Gets the depth as Keras publishes it: the number of layers with parameters.</summary>
    public int? Depth { get; }

    /// <summary>Gets the URL of the page with the figures.</summary>
    public string Source { get; }
}
