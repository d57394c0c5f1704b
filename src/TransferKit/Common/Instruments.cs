using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TransferKit.Common;

/// <summary>
/// Represents the meter and the activity source <c>TransferKit</c> with all instruments. <see cref="Instrumentation"/> creates them.
/// </summary>
internal sealed class Instruments
{
    private const string Name = "TransferKit";

    private readonly Meter _meter;
    private readonly ActivitySource _source;
    private readonly Counter<long> _images;

    private Instruments()
    {
        var version = typeof(Instruments).Assembly.GetName().Version?.ToString();
        (_meter, _source) = (new(Name, version), new(Name, version));
        Read = Timed("read image", "transferkit.image.read.duration", "Time to read one encoded image.");
        Decode = Timed("decode image", "transferkit.image.decode.duration", "Time to decode and resize one image.");
        Predict = Timed("predict", "transferkit.predict.duration", "Time to run one batch.");
        Load = Timed("load", "transferkit.model.load.duration", "Time to compile a model or to load it from the cache.");
        Fetch = Timed("fetch", "transferkit.weights.fetch.duration", "Time to find a weight file in the cache or to download it.");
        _images = _meter.CreateCounter<long>("transferkit.predict.images", "{image}", "Images that were run through a network.");
        _meter.CreateObservableUpDownCounter(
            "transferkit.predict.active", () => Instrumentation.ActiveRuns, "{run}",
            "Batches that the engine has begun and not ended. More than there are cores wait for each other.");
    }

    public static Instruments OfProcess { get; } = new();

    public TimedOperation Read { get; }
    public TimedOperation Decode { get; }
    public TimedOperation Predict { get; }
    public TimedOperation Load { get; }
    public TimedOperation Fetch { get; }

    public void CountImages(string model, int images)
    {
        if (_images.Enabled)
            _images.Add(images, new KeyValuePair<string, object?>(Instrumentation.Model, model));
    }

    private TimedOperation Timed(string name, string instrument, string description) =>
        new(name, _source, _meter.CreateHistogram<double>(instrument, "s", description));
}
