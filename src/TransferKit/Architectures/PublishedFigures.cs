namespace TransferKit;

/// <summary>
/// What others have measured of an application and published; nothing here was measured by TransferKit. What is not
/// published is null.
/// </summary>
public sealed class PublishedFigures
{
    private const string Keras = "https://keras.io/api/applications/";

    internal PublishedFigures(
        double? megabytes = null, double? top1 = null, double? top5 = null, int? depth = null, string source = Keras) =>
        (Megabytes, Top1, Top5, Depth, Source) = (megabytes, top1, top5, depth, source);

    /// <summary>The size in megabytes of the weights with the top.</summary>
    public double? Megabytes { get; }

    /// <summary>The share in percent of ImageNet's validation images whose class is the first guess.</summary>
    public double? Top1 { get; }

    /// <summary>The share in percent of ImageNet's validation images whose class is among the first five guesses.</summary>
    public double? Top5 { get; }

    /// <summary>The depth as Keras counts it: the number of layers with parameters.</summary>
    public int? Depth { get; }

    /// <summary>Where the figures stand.</summary>
    public string Source { get; }
}
