using TransferKit.PublicApi.Tests;

namespace TransferKit.FeatureSets.Tests;

/// <summary>Each way that a file can have no features is a row with a reason of its own.</summary>
public sealed class ReasonTests : IDisposable
{
    private const byte ChangedWhileRead = 77, Slow = 78, Fatal = 79;
    private readonly Pictures _pictures = new(10);

    [Fact]
    public async Task Each_reason_is_a_row_and_rows_and_failures_are_all_files()
    {
        Write("empty", []);
        Write("not-an-image", "no picture"u8);
        Write("truncated", "P6 8 8 255\n0123456789"u8);
        Write("too-large", "P6 60000 60000 255\n"u8);
        Write("unsupported", [.. "P5 8 8 65535\n"u8, .. new byte[128]]);
        Write("corrupt", "P6 8 8 70000\n"u8);
        _pictures.Add("changed", ChangedWhileRead);
        _pictures.Add("timed-out", Slow);
        _pictures.Add("engine", Fatal);
        File.CreateSymbolicLink(Path.Combine(_pictures.Path, "unreadable"), Path.Combine(_pictures.Path, "absent"));
        var decoder = new FaultyDecoder(Path.Combine(_pictures.Path, "changed"));
        var extractor = new FeatureExtractor(new FaultyBackbone(), new() { Recursive = true, Images = new() { Decoder = decoder } });

        var report = await extractor.ExtractSetAsync(_pictures.Path, _pictures.Out("set"));

        Assert.Equal((20, 10, 10), (report.Files, report.Rows, report.Failures));
        using var set = FeatureSet.Open(_pictures.Out("set"));
        var reasons = Enum.GetNames<SkipReason>().Where(n => n != nameof(SkipReason.None)).ToList();
        await foreach (var row in set.ReadAsync(TestContext.Current.CancellationToken))
        {
            if (row.IsSkipped)
            {
                Assert.Equal(row.Path.Replace("-", "", StringComparison.Ordinal), row.Reason.ToString(), ignoreCase: true);
                Assert.True(reasons.Remove(row.Reason.ToString()));
            }
        }
        Assert.Empty(reasons);
        using var source = ImageSource.Folder(_pictures.Path, recursive: true);
        Assert.Equal(20, (await FeatureSet.CheckAsync(_pictures.Out("set"), source)).Files);
    }

    private void Write(string name, ReadOnlySpan<byte> content) => File.WriteAllBytes(Path.Combine(_pictures.Path, name), content);

    public void Dispose() => _pictures.Dispose();

    // The decoder sees the beginning of a file before the rest is read.
    private sealed class FaultyDecoder(string changing) : IImageDecoder
    {
        private readonly IImageDecoder _inner = new ImageLoadOptions().Decoder;

        public bool CanDecode(ReadOnlySpan<byte> header)
        {
            if (header[^1] == ChangedWhileRead)
                File.AppendAllText(changing, "x");
            return _inner.CanDecode(header);
        }

        public ImageDecodeException Declined(ReadOnlySpan<byte> header, string? name) => _inner.Declined(header, name);

        public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options) => encoded[^1] == Slow
            ? throw new ImageDecodeException(ImageDecodeError.TimedOut, name, "it took too long.")
            : _inner.Decode(encoded, name, options);
    }

    private sealed class FaultyBackbone() : DelegatingBackbone(new MeanColour())
    {
        public override void Predict(ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken = default)
        {
            if (pixels.Contains(Fatal))
                throw new EngineException("The engine fails on this picture.");
            base.Predict(pixels, output, cancellationToken);
        }
    }
}
