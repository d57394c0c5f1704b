namespace TransferKit.PublicApi.Tests;

/// <summary>Tests batches of any size, with unreadable files in between.</summary>
public sealed class FeatureExtractorBatchTests : IDisposable
{
    private static readonly string[] Images = ["rocket.jpg", "chelsea.png", "coffee.png", "grace_hopper.jpg", "retina.jpg"];
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(null), InlineData(1), InlineData(3), InlineData(64)]
    public void Features_and_their_order_do_not_depend_on_how_many_files_run_at_once(int? batchSize)
    {
        for (var i = 0; i < 30; i++)
            _folder.Add(i % 4 == 1 ? "made_not_an_image.jpg" : Images[i % Images.Length], $"{i:00}");

        var rows = new FeatureExtractor(SharedBackbone.MobileNet, new() { BatchSize = batchSize }).Extract(_folder.Path);

        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{i:00}"), rows.Keys);
        foreach (var (i, row) in rows.Values.Index())
        {
            Assert.Equal(i % 4 == 1, row.IsSkipped);
            if (!row.IsSkipped)
            {
                Assert.Equal(
                    SharedBackbone.MobileNet.Predict(_folder.File(row.Path)).ToArray(), row.Features.ToArray(),
                    (a, b) => Math.Abs(a - b) <= 1e-4f);
            }
        }
    }

    [Fact]
    public async Task Rows_that_are_kept_keep_their_features()
    {
        for (var i = 0; i < 40; i++)
            _folder.Add(Images[i % 2], $"{i:00}");
        var rows = new List<FeatureRow>();

        var extractor = new FeatureExtractor(new MeanColour(), new() { BatchSize = 4 });
        await foreach (var row in extractor.ExtractAsync(_folder.Path, cancellationToken: TestContext.Current.CancellationToken))
            rows.Add(row);

        Assert.All(rows.Index(), r => Assert.Equal(rows[r.Index % 2].Features.ToArray(), r.Item.Features.ToArray()));
        Assert.NotEqual(rows[0].Features.ToArray(), rows[1].Features.ToArray());
    }

    [Fact]
    public void A_backbone_whose_session_is_the_users_gives_the_same_features()
    {
        foreach (var name in Images)
            _folder.Add(name);
        using var backbone = Backbone.Load(
            "mobilenet_v2", SharedBackbone.Options with { ConfigureSession = session => session.IntraOpNumThreads = 1 });

        var rows = new FeatureExtractor(backbone).Extract(_folder.Path);

        Assert.All(rows.Values, row =>
            Assert.Equal(
                SharedBackbone.MobileNet.Predict(_folder.File(row.Path)).ToArray(), row.Features.ToArray(),
                (a, b) => Math.Abs(a - b) <= 1e-4f));
    }

    [Fact]
    public void An_output_goes_into_memory_of_the_callers()
    {
        var pixels = new byte[2 * 224 * 224 * 3];
        new Random(1).NextBytes(pixels);
        var output = new float[2 * 1280];

        SharedBackbone.MobileNet.Predict(pixels, output);

        Assert.Equal(SharedBackbone.MobileNet.Predict(pixels).ToArray(), output);
        Assert.Contains(
            "2560", Assert.Throws<ArgumentException>("output", () => SharedBackbone.MobileNet.Predict(pixels, new float[1280])).Message);
        IBackbone other = new MeanColour();
        var mean = new float[3];
        other.Predict(new byte[8 * 8 * 3], mean);
        Assert.Throws<ArgumentException>("output", () => other.Predict(new byte[8 * 8 * 3], new float[4]));
    }

    public void Dispose() => _folder.Dispose();
}
