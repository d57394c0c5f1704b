using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.WeightSources;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx;

public sealed class CompiledModelCacheTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("transferkit-cache-").FullName;
    private readonly OnnxModel _model = Model(units: 600);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_model_is_compiled_once_and_then_taken_from_the_cache()
    {
        var first = new CountingWeights();
        var second = new CountingWeights();
        using var compiled = Open(first);
        using var again = Open(second);

        Assert.Equal(compiled.Folder, again.Folder);
        Assert.True(first.Reads > 0);
        Assert.Equal(0, second.Reads);
        Assert.Single(Directory.GetDirectories(_root));
    }

    [Fact]
    public void Other_weights_other_outputs_and_another_input_form_are_other_models()
    {
        var graph = Graph(600);
        Assert.True(graph.TryFind("flatten", out var flatten));
        string[] keys =
        [
            Key(_model, "a"), Key(_model, "b"), Key(Model(units: 601), "a"),
            Key(OnnxWriter.Translate(graph, [flatten], InputForm.Planar), "a"),
            Key(OnnxWriter.Translate(graph, [graph.Output], InputForm.Pixels(PixelType.Byte, PreprocessMode.Tf)), "a"),
            Key(OnnxWriter.Translate(graph, [graph.Output], InputForm.Pixels(PixelType.Byte, PreprocessMode.Caffe)), "a"),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(Key(_model, "a"), Key(Model(units: 600), "a"));
    }

    [Fact]
    public void A_constant_that_is_folded_into_weights_is_part_of_the_key()
    {
        string[] keys = [.. new[] { 0.1, 0.2 }.Select(scale => Of(5, 4, (g, x) =>
                g.Add(new CustomScaleLayer(scale), "sum", x, g.Add(new Conv2D(3, 3, 1, Padding.Same), "conv", x))))
            .Select(g => Key(OnnxWriter.Translate(g, [g.Output], InputForm.Planar), "a"))];
        Assert.NotEqual(keys[0], keys[1]);
    }

    [Theory]
    [InlineData("model.onnx"), InlineData("weights.bin")]
    public void A_damaged_byte_is_noticed_and_the_model_compiled_again(string file)
    {
        using var compiled = Open(new CountingWeights());
        var path = Path.Combine(compiled.Folder, file);
        var bytes = File.ReadAllBytes(path);
        var whole = bytes.ToArray();
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);

        AssertRebuilt(path, whole);
    }

    [Theory]
    [InlineData("model.onnx"), InlineData("weights.bin"), InlineData("entry.json")]
    public void A_truncated_or_missing_file_is_noticed_and_the_model_compiled_again(string file)
    {
        using var compiled = Open(new CountingWeights());
        var path = Path.Combine(compiled.Folder, file);
        var whole = File.ReadAllBytes(path);

        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        AssertRebuilt(path, whole);
        File.Delete(path);
        AssertRebuilt(path, whole);
    }

    [Fact]
    public void An_entry_of_a_foreign_format_is_compiled_again()
    {
        using var compiled = Open(new CountingWeights());
        var path = Path.Combine(compiled.Folder, "entry.json");
        var whole = File.ReadAllText(path);
        File.WriteAllText(path, whole.Replace("\"format\": 1", "\"format\": 999", StringComparison.Ordinal));
        Assert.NotEqual(whole, File.ReadAllText(path));

        AssertRebuilt(path, System.Text.Encoding.UTF8.GetBytes(whole));
    }

    [Fact]
    public void An_engine_that_runs_from_a_damaged_entry_goes_on_while_it_is_replaced()
    {
        var input = Planar.From(Numbers(1, 16, 16), 1, 16, 16, PreprocessMode.None);
        using var engine = OnnxEngine.Load(_model, new CountingWeights(), new CompiledModelCache(_root));
        var before = engine.Run(input, 1)[0];
        File.Delete(Path.Combine(Directory.GetDirectories(_root).Single(), "entry.json"));

        using var other = OnnxEngine.Load(_model, new CountingWeights(), new CompiledModelCache(_root));
        Assert.Equal(before, engine.Run(input, 1)[0]);
        Assert.Equal(before, other.Run(input, 1)[0]);
        Assert.Single(Directory.GetDirectories(_root));
    }

    [Fact]
    public async Task Many_who_compile_one_model_at_once_share_one_entry()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var together = new Barrier(4);
        var compiled = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () => Open(new CountingWeights { OnFirstRead = () => together.SignalAndWait(cancellation) }),
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Single(compiled.Select(c => c.Folder).Distinct());
        Assert.All(compiled, c => Assert.True(c.IsKept));
        Assert.Single(Directory.GetDirectories(_root));
    }

    [Fact]
    public void A_cancelled_compilation_leaves_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        var weights = new CountingWeights { OnFirstRead = cancellation.Cancel };

        Assert.ThrowsAny<OperationCanceledException>(() => new CompiledModelCache(_root).Open(_model, weights, cancellation.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void Weights_that_cannot_be_read_leave_nothing()
    {
        var weights = new CountingWeights { OnFirstRead = () => throw new InvalidDataException("no such weight") };

        Assert.Throws<InvalidDataException>(() => new CompiledModelCache(_root).Open(_model, weights, TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Without_a_cache_a_model_lives_in_a_temporary_folder_that_goes(bool isCacheUnusable)
    {
        // A file where the cache's folder should be: not writable for anyone, root included.
        var file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");
        string folder;
        using (var compiled = new CompiledModelCache(isCacheUnusable ? file : null).Open(_model, new CountingWeights(), TestContext.Current.CancellationToken))
        {
            folder = compiled.Folder;
            Assert.False(compiled.IsKept);
            Assert.True(File.Exists(compiled.ModelPath));
        }
        Assert.False(Directory.Exists(folder));
        Assert.Equal([file], Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void What_a_killed_process_left_is_swept_away_after_a_day()
    {
        var (old, young) = (Path.Combine(_root, "tiny-0.unfinished-1"), Path.Combine(_root, "tiny-0.unfinished-2"));
        Directory.CreateDirectory(old);
        Directory.CreateDirectory(young);
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        using var compiled = Open(new CountingWeights());
        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(young));
    }

    private void AssertRebuilt(string path, byte[] whole)
    {
        var weights = new CountingWeights();
        using var again = Open(weights);
        Assert.True(weights.Reads > 0);
        Assert.True(again.IsKept);
        Assert.Equal(whole, File.ReadAllBytes(path));
        Assert.Single(Directory.GetDirectories(_root));
    }

    private CompiledModel Open(CountingWeights weights) =>
        new CompiledModelCache(_root).Open(_model, weights, TestContext.Current.CancellationToken);

    private static LayerGraph Graph(int units) =>
        Of(16, 16, (g, x) => g.Add(new Dense(units), "dense", g.Add(new Flatten(), "flatten", x)));

    private static OnnxModel Model(int units)
    {
        var graph = Graph(units);
        return OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar);
    }

    private static string Key(OnnxModel model, string fingerprint) => CompiledModel.KeyOf(model, new CountingWeights { Fingerprint = fingerprint });

    private sealed class CountingWeights : IWeightSource
    {
        private readonly FormulaWeights _inner = new(0.8);

        public int Reads { get; private set; }
        public Action? OnFirstRead { get; init; }
        public string Fingerprint { get; init; } = "counting";

        public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
        {
            if (Reads++ == 0)
                OnFirstRead?.Invoke();
            _inner.Read(layer, slot, start, destination);
        }

        public void Dispose() => _inner.Dispose();
    }
}
