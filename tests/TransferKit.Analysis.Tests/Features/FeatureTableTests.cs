using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Features;

public sealed class FeatureTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Labels_come_from_folders_or_from_a_table_that_fits()
    {
        var table = FeatureTable.Of(["cats/1.jpg", "dogs/old/2.jpg"], new float[] { 1, 2, 3, 4 });

        Assert.Equal(["cats", "dogs"], table.LabelsByFolder());
        Assert.Equal(["x", "y"], table.LabelsFrom(new Dictionary<string, string> { ["cats/1.jpg"] = "x", ["dogs/old/2.jpg"] = "y" }));
        Assert.Equal([3, 4], table[1].ToArray());

        var unlabelled = Assert.Throws<FeatureDataException>(() => table.LabelsFrom(Label("cats/1.jpg")));
        var stranger = Assert.Throws<FeatureDataException>(() => table.LabelsFrom(Label("cats/3.jpg")));
        var loose = Assert.Throws<FeatureDataException>(() => FeatureTable.Of(["1.jpg"], new float[] { 1 }).LabelsByFolder());
        Assert.Contains("'dogs/old/2.jpg' has no label", unlabelled.Message);
        Assert.Contains("'cats/3.jpg' names no row", stranger.Message);
        Assert.Contains("'1.jpg' is in no folder", loose.Message);

        static Dictionary<string, string> Label(string name) => new() { [name] = "x" };
    }

    [Fact]
    public void Features_of_two_backbones_do_not_mix()
    {
        var first = Stamped("resnet50", "1.0");
        var second = Stamped("vgg16", "1.0");

        var mixed = Assert.Throws<FeatureDataException>(() => first.Join(second));

        Assert.Equal(FeatureDataError.MixedStamps, mixed.Error);
        Assert.Contains("backbone: resnet50 and vgg16", mixed.Message);
        Assert.Equal(2, first.Join(Stamped("resnet50", "2.0")).Count);
        Assert.Throws<ArgumentException>(() => first.Join(FeatureTable.Of(["a"], new float[3])));
    }

    [Fact]
    public async Task A_set_that_changes_while_it_is_read_is_an_error()
    {
        var path = _folder.File("x.csv");
        await SaveAsync(path, 3);
        using var set = FeatureSet.Open(path);
        var whole = await FeatureTable.ReadAsync(set, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((3, 2), (whole.Count, whole.Dimensions));

        var changed = await Assert.ThrowsAsync<FeatureDataException>(() => FeatureTable.ReadAsync(set, new Told(row =>
        {
            if (row == 1)
                File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        })));

        Assert.Equal(FeatureDataError.Changed, changed.Error);
    }

    public void Dispose() => _folder.Dispose();

    private static FeatureTable Stamped(string backbone, string version) => FeatureTable.Of(
        ["a"], new float[] { 1, 2 }, new Dictionary<string, string> { ["backbone"] = backbone, ["transferkit"] = version });

    private static async Task SaveAsync(string path, int rows)
    {
        await using var sink = FeatureSinks.Create(path);
        sink.Begin([2]);
        for (var i = 0; i < rows; i++)
            await sink.WriteAsync(FeatureRow.Of($"{i}.jpg", new float[] { i, 1 }, [2]));
        await sink.CompleteAsync();
    }

    private sealed class Told(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
