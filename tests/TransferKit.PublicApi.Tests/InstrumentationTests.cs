using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Holds the meter and the activity source to what docs/hosting.md says of them.</summary>
public sealed class InstrumentationTests : IDisposable
{
    // Other tests run at the same time; only what this test's own work records is counted.
    private readonly AsyncLocal<bool> _isOwn = new();
    private readonly ConcurrentQueue<(string Instrument, double Value, Dictionary<string, object?> Tags)> _measured = new();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;
    private readonly List<Instrument> _instruments = [];

    public InstrumentationTests()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != "TransferKit")
                return;
            _instruments.Add(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
        _meters.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
        _meters.SetMeasurementEventCallback<int>((i, value, tags, _) => Add(i, value, tags));
        _meters.Start();
        _activities = new()
        {
            ShouldListenTo = source => source.Name == "TransferKit",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (_isOwn.Value)
                    _spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_activities);

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (_isOwn.Value)
                _measured.Enqueue((instrument.Name, value, new(tags.ToArray())));
        }
    }

    [Fact]
    public void A_load_and_a_prediction_are_counted_timed_and_traced()
    {
        _isOwn.Value = true;
        using (var backbone = Backbone.Load("mobilenet_v2", SharedBackbone.Options))
            backbone.Predict([Goldens.Path("images", "rocket.jpg"), Goldens.Path("images", "rocket.jpg")]);

        Assert.Equal("off", Tag(Single("transferkit.model.load.duration"), "transferkit.cache"));
        Assert.Equal(2, Of("transferkit.image.decode.duration").Length);
        Assert.Equal("mobilenet_v2", Tag(Single("transferkit.predict.duration"), "transferkit.model"));
        Assert.Equal(2, Single("transferkit.predict.images").Value);
        Assert.Equal(
            ["decode image", "decode image", "load mobilenet_v2", "predict mobilenet_v2", "read image", "read image"],
            _spans.Select(s => s.DisplayName).Order(StringComparer.Ordinal));
        Assert.Equal(2, _spans.Single(s => s.DisplayName == "predict mobilenet_v2").GetTagItem("transferkit.batch.size"));
        Assert.All(_spans, s => Assert.Equal(ActivityStatusCode.Unset, s.Status));
    }

    [Fact]
    public void A_second_load_hits_the_cache_of_compiled_models()
    {
        _isOwn.Value = true;
        using var folder = new TemporaryFolder();
        var options = SharedBackbone.Options with { CacheCompiledModel = true, Store = new() { CacheDirectory = folder.Path } };

        for (var i = 0; i < 2; i++)
            Backbone.Load("mobilenet_v2", options).Dispose();

        Assert.Equal(["miss", "hit"], Of("transferkit.model.load.duration").Select(m => Tag(m, "transferkit.cache")));
    }

    [Fact]
    public void Failures_have_the_type_of_the_error()
    {
        _isOwn.Value = true;
        var backbone = SharedBackbone.MobileNet;
        var picture = File.ReadAllBytes(Goldens.Path("images", "rocket.jpg"));
        Assert.Throws<ImageDecodeException>(() => backbone.Predict(new MemoryStream([1, 2, 3])));
        Assert.Throws<ImageDecodeException>(() => backbone.Predict(new MemoryStream(picture[..2000])));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => backbone.Predict(new byte[224 * 224 * 3], cancelled.Token));

        Assert.Equal(
            ["TransferKit.ImageDecodeException", null], Of("transferkit.image.read.duration").Select(m => Tag(m, "error.type")));
        Assert.Equal("TransferKit.ImageDecodeException", Tag(Single("transferkit.image.decode.duration"), "error.type"));
        Assert.Equal("System.OperationCanceledException", Tag(Single("transferkit.predict.duration"), "error.type"));
        Assert.Empty(Of("transferkit.predict.images"));
        Assert.Equal(3, _spans.Count(s => s.Status == ActivityStatusCode.Error));
    }

    [Fact]
    public async Task Weight_files_are_hits_or_misses_or_errors()
    {
        _isOwn.Value = true;
        using var folder = new TemporaryFolder();
        const string Small = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5";
        var mirror = Path.GetFullPath(Goldens.Path("..", "..", "src", "TransferKit.Weights.MobileNetV2"));
        var store = new WeightStore(new() { CacheDirectory = folder.Path, Mirrors = [mirror], UseKerasAddress = false, Offline = false });

        await store.FetchAsync(Small);
        await store.FetchAsync(Small);
        var absent = new WeightStore(new() { CacheDirectory = folder.Path, Offline = true });
        await Assert.ThrowsAsync<WeightsUnavailableException>(() => absent.FetchAsync("vgg16"));

        var fetched = Of("transferkit.weights.fetch.duration");
        Assert.Equal(["miss", "hit", null], fetched.Select(m => Tag(m, "transferkit.cache")));
        Assert.Equal("TransferKit.WeightsUnavailableException", Tag(fetched[2], "error.type"));
        Assert.Equal(Small, Tag(fetched[0], "transferkit.file"));
    }

    [Fact]
    public void Runs_that_have_begun_and_not_ended_are_observable()
    {
        _isOwn.Value = true;
        var active = -1.0;
        var options = SharedBackbone.Options with { InputSize = (32, 32) };
        using var backbone = Backbone.Load("mobilenet_v2", options);
        using var watch = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "TransferKit",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (!_isOwn.Value || !span.DisplayName.StartsWith("predict", StringComparison.Ordinal))
                    return;
                _meters.RecordObservableInstruments();
                active = Of("transferkit.predict.active")[^1].Value;
            },
        };
        ActivitySource.AddActivityListener(watch);

        backbone.Predict(new byte[32 * 32 * 3]);

        Assert.True(active >= 1, $"{active} runs");
    }

    [Fact]
    public void The_page_lists_every_instrument_with_its_kind_and_unit()
    {
        var page = File.ReadAllText(Path.GetFullPath(Goldens.Path("..", "..", "docs", "hosting.md")));
        Backbone.Load("mobilenet_v2", SharedBackbone.Options).Dispose();

        Assert.Equal(7, _instruments.Count);
        Assert.All(_instruments, i => Assert.Contains($"| `{i.Name}` | {Kind(i)} | `{i.Unit}` |", page));

        static string Kind(Instrument instrument) => instrument switch
        {
            Histogram<double> => "histogram",
            Counter<long> => "counter",
            _ => "up-down counter",
        };
    }

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }

    private (string Instrument, double Value, Dictionary<string, object?> Tags)[] Of(string instrument) =>
        [.. _measured.Where(m => m.Instrument == instrument)];

    private (string Instrument, double Value, Dictionary<string, object?> Tags) Single(string instrument) => Assert.Single(Of(instrument));

    private static object? Tag((string, double, Dictionary<string, object?> Tags) measured, string tag) =>
        measured.Tags.GetValueOrDefault(tag);
}
