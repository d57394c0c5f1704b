using TransferKit.Graph;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Tests.WeightSources.Files;

public sealed class LegacyH5WriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_back_number_for_number()
    {
        var graph = SmallModel.Build();
        using var source = new FormulaWeights(0.8);
        LegacyH5Writer.Write(Path("out.h5"), graph, source, Token);
        using var bound = WeightBinder.Bind(WeightFile.Open(Path("out.h5")), graph);
        Assert.Equal(source.ReadAll(graph), bound.ReadAll(graph));
    }

    [Fact]
    public void Arrays_larger_than_a_piece_are_written_in_pieces()
    {
        var g = new GraphBuilder(8, 8);
        var x = g.Add(new Dense(3000), "wide", g.Add(new Flatten(), "flatten", g.Input));
        var graph = new LayerGraph("wide", g.Add(new Dense(2900), "end", x));
        using var source = new InitialWeights(1);
        LegacyH5Writer.Write(Path("out.h5"), graph, source, Token);
        using var bound = WeightBinder.Bind(WeightFile.Open(Path("out.h5")), graph);
        Assert.Equal(source.ReadAll(graph), bound.ReadAll(graph));
    }

    [Fact]
    public void Names_and_order_are_Keras_own()
    {
        using var source = new FormulaWeights(0.8);
        var graph = SmallModel.Build();
        LegacyH5Writer.Write(Path("out.h5"), graph, source, Token);
        using var written = WeightFile.Open(Path("out.h5"));
        Assert.Equal(graph.Layers.Select(l => l.Name), written.Layers.Select(l => l.Name));
        Assert.Equal(
            ["bn1/gamma", "bn1/beta", "bn1/moving_mean", "bn1/moving_variance"],
            written.Layers.Single(l => l.Name == "bn1").Weights.Select(w => w.Name));
    }

    [Fact]
    public void A_list_of_names_over_the_limit_of_HDF5_is_split()
    {
        var g = new GraphBuilder(8, 8);
        var x = g.Input;
        for (var i = 0; i < 1500; i++)
            x = g.Add(new Activation(ActivationKind.Relu), $"{new string('x', 100)}{i}", x);
        var graph = new LayerGraph("deep", g.Add(new Dense(2), "predictions", x));
        using var source = new FormulaWeights(0.8);
        LegacyH5Writer.Write(Path("out.h5"), graph, source, Token);
        using var written = WeightFile.Open(Path("out.h5"));
        Assert.Equal(graph.Layers.Select(l => l.Name), written.Layers.Select(l => l.Name));
    }

    [Fact]
    public void A_source_that_fails_leaves_the_old_file_and_nothing_beside_it()
    {
        File.WriteAllText(Path("out.h5"), "old");
        Assert.Throws<ArgumentException>(() => LegacyH5Writer.Write(Path("out.h5"), SmallModel.Build(), new Failing(), Token));
        Assert.Equal("old", File.ReadAllText(Path("out.h5")));
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Sub_folders_in_a_layer_name_and_a_name_in_another_language_are_read_back()
    {
        var g = new GraphBuilder(8, 8);
        var x = g.Add(new Conv2D(3, 1, 1, Padding.Valid), "block/größe", g.Input);
        var graph = new LayerGraph("named", g.Add(new GlobalAveragePooling2D(), "block/层", x));
        using var source = new FormulaWeights(0.8);
        LegacyH5Writer.Write(Path("out.h5"), graph, source, Token);
        using var bound = WeightBinder.Bind(WeightFile.Open(Path("out.h5")), graph);
        Assert.Equal(source.ReadAll(graph), bound.ReadAll(graph));
    }

    [Fact]
    public void A_name_that_no_list_can_hold_is_told_with_the_file()
    {
        var g = new GraphBuilder(8, 8);
        var graph = new LayerGraph("long", g.Add(new GlobalAveragePooling2D(), new string('x', 70_000), g.Input));
        using var source = new FormulaWeights(0.8);
        var e = Assert.Throws<OutputFileException>(() => LegacyH5Writer.Write(Path("out.h5"), graph, source, Token));
        Assert.Equal(Path("out.h5"), e.Path);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_disk_that_is_full_is_told_as_such_and_the_old_file_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A process whose files may not grow is one of Unix.");
        File.WriteAllText(Path("out.h5"), "old");
        using var process = ChildProcess.Start(SaveWeights, [Path("out.h5")], largestFile: 200);
        var error = await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.StartsWith($"OutputFileException: '{Path("out.h5")}' cannot be written", error);
        Assert.Equal("old", File.ReadAllText(Path("out.h5")));
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    private static Task SaveWeights(string[] args) =>
        Backbone.SaveWeightsAsync("mobilenetv2", args[0], new() { Alpha = 0.35, IncludeTop = false, Weights = RealWeights.Path });

    private string Path(string name) => System.IO.Path.Combine(_folder, name);

    private sealed class Failing : IWeightSource
    {
        public string Fingerprint => "";
        public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination) => throw new ArgumentException("no");
        public void Dispose() { }
    }
}
