using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TransferKit.Common;

/// <summary>
/// Defines the meter and the activity source <c>TransferKit</c>. docs/hosting.md lists their names, units and tags, which never change
/// their meaning.
/// </summary>
internal static class Instrumentation
{
    public const string Name = "TransferKit";

    /// <summary>The tag for the network's name.</summary>
    public const string Model = "transferkit.model";

    /// <summary>The tag for <c>hit</c>, <c>miss</c> or <c>off</c>: how a cache answered.</summary>
    public const string Cache = "transferkit.cache";

    /// <summary>The tag of a span for the number of images in a batch.</summary>
    public const string BatchSize = "transferkit.batch.size";

    /// <summary>The tag for the weight file's name.</summary>
    public const string File = "transferkit.file";

    private static readonly string? Version = typeof(Instrumentation).Assembly.GetName().Version?.ToString();
    private static readonly Meter Meter = new(Name, Version);
    private static readonly ActivitySource Source = new(Name, Version);
    private static int s_activeRuns;

    static Instrumentation() => Meter.CreateObservableUpDownCounter(
        "transferkit.predict.active", () => Volatile.Read(ref s_activeRuns), "{run}",
        "Batches that the engine has begun and not ended. More than there are cores wait for each other.");

    /// <summary>The reading of one encoded image from a file or a stream.</summary>
    public static TimedOperation Read { get; } =
        new("read image", Source, Duration("transferkit.image.read.duration", "Time to read one encoded image."));

    /// <summary>The decoding and resizing of one encoded image.</summary>
    public static TimedOperation Decode { get; } =
        new("decode image", Source, Duration("transferkit.image.decode.duration", "Time to decode and resize one image."));

    /// <summary>The run of one batch.</summary>
    public static TimedOperation Predict { get; } =
        new("predict", Source, Duration("transferkit.predict.duration", "Time to run one batch."));

    /// <summary>The compilation of a model, or its load from the cache.</summary>
    public static TimedOperation Load { get; } =
        new("load", Source, Duration("transferkit.model.load.duration", "Time to compile a model or to load it from the cache."));

    /// <summary>The way from a weight file's name to a verified file in the cache.</summary>
    public static TimedOperation Fetch { get; } =
        new("fetch", Source, Duration("transferkit.weights.fetch.duration", "Time to find a weight file in the cache or to download it."));

    private static Counter<long> Images { get; } =
        Meter.CreateCounter<long>("transferkit.predict.images", "{image}", "Images that were run through a network.");

    /// <summary>Counts a run until <see cref="EndRun"/>.</summary>
    public static void BeginRun() => Interlocked.Increment(ref s_activeRuns);

    public static void EndRun() => Interlocked.Decrement(ref s_activeRuns);

    /// <summary>Counts the images of a batch that was run.</summary>
    public static void CountImages(string model, int images)
    {
        if (Images.Enabled)
            Images.Add(images, new KeyValuePair<string, object?>(Model, model));
    }

    private static Histogram<double> Duration(string name, string description) => Meter.CreateHistogram<double>(name, "s", description);
}
