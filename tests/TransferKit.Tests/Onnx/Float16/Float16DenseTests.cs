using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Float16;
using TransferKit.WeightSources;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx.Float16;

/// <summary>The operator against sums in double of the rounded kernel, and the models that have it.</summary>
public sealed class Float16DenseTests
{
    // Sums of floats, in whatever order, against sums in double.
    private const double OfSums = 1e-5;

    [Theory]
    [InlineData(1, 300, 1000)]
    [InlineData(2, 1, 64)]
    [InlineData(3, 127, 63)]
    [InlineData(4, 128, 65)]
    [InlineData(7, 129, 1)]
    [InlineData(32, 400, 130)]
    [InlineData(37, 257, 100)]
    public void A_product_is_that_of_the_kernel_rounded_to_halves(int rows, int inputs, int units)
    {
        var (input, kernel, bias) = (Random(rows * inputs, 3), Random(inputs * units, 0.01f), Random(units, 1));
        // What halves themselves hold no more, and what is nothing.
        (kernel[0], kernel[^1]) = (1e-6f, 0);
        AssertClose(Reference(input, kernel, bias, rows, inputs, units), Product(input, kernel, bias, rows, inputs, units), OfSums);
    }

    [Theory, InlineData("EnableAVX512"), InlineData("EnableAVX2"), InlineData("EnableHWIntrinsic")]
    public async Task Processors_with_shorter_vectors_or_none_compute_the_same(string without)
    {
        using var child = ChildProcess.Start(CompareShapes, [], without: without);
        var error = await child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, error);
    }

    [Theory, InlineData(1), InlineData(3), InlineData(40)]
    public void A_large_layer_over_a_vector_is_within_the_rounding_of_its_kernel(int n)
    {
        var graph = Classifier(600);
        var halves = Halves(graph);
        Assert.Contains("Float16Dense", NodeTypes(halves));
        var pixels = Numbers(n, 12, 12);
        var flat = Run(OnnxWriter.Translate(graph, [Find(graph, "flatten")], InputForm.Planar), pixels)[0];
        var (expected, actual) = (Run(OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), pixels)[0], Run(halves, pixels)[0]);

        // Each weight is off by half a unit of its eleventh digit at most, and so is each product.
        var kernel = Weight(graph.Output, "kernel");
        var inputs = kernel.Length / 600;
        for (var i = 0; i < expected.Length; i++)
        {
            var bound = 0.0;
            for (var k = 0; k < inputs; k++)
                bound += Math.Abs((double)flat[i / 600 * inputs + k] * kernel[k * 600 + i % 600]);
            Assert.True(Math.Abs(expected[i] - actual[i]) <= bound / (1 << 11) + 1e-6, $"{actual[i]} for {expected[i]}");
        }
    }

    [Fact]
    public void Its_kernel_takes_half_the_memory()
    {
        var graph = Classifier(640);
        long Bytes(OnnxModel model) => model.Weights.Single(w => w.Name == "dense/kernel").Bytes;
        Assert.Equal(Bytes(OnnxWriter.TranslateForEngine(graph, [graph.Output])) / 2, Bytes(Halves(graph)));
    }

    [Fact]
    public void Small_layers_layers_over_maps_and_convolutions_stay_floats()
    {
        var graph = Of(40, 40, (g, x) =>
        {
            x = g.Add(new Dense(1100), "wide", g.Add(new Conv2D(300, 3, 8, Padding.Same), "conv", x));
            return g.Add(new Dense(10), "classes", g.Add(new GlobalAveragePooling2D(), "pool", x));
        });
        Assert.DoesNotContain("Float16Dense", NodeTypes(Halves(graph)));
    }

    [Fact]
    public void A_weight_that_no_half_holds_is_told_by_name()
    {
        var graph = Classifier(600);
        using var weights = new OneWeight(300);
        var thrown = Assert.Throws<BackboneOptionsException>(() => OnnxEngine.Load(Halves(graph), weights));
        Assert.Contains("Float16", thrown.Message);
        Assert.Contains("'dense/kernel'", thrown.Message);
        Assert.Contains("300", thrown.Message);
    }

    [Fact]
    public void A_kept_model_of_halves_computes_what_it_did_when_it_was_made()
    {
        var root = Directory.CreateTempSubdirectory("transferkit-halves-").FullName;
        var graph = Classifier(600);
        var pixels = Planar.From(Numbers(2, 12, 12), 2, 12, 12, PreprocessMode.None);
        float[][] outputs = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            using var weights = new KeptWeights(new FormulaWeights(0.8));
            using var engine = OnnxEngine.Load(ModelRequest.Of(Halves(graph), "halves"), weights, new CompiledModelCache(root));
            return engine.Run(pixels, 2)[0];
        })];
        Assert.Equal(outputs[0], outputs[1]);
        Assert.Single(Directory.GetDirectories(root));
        Directory.Delete(root, recursive: true);
    }

    private static Task CompareShapes(string[] args)
    {
        foreach (var (rows, inputs, units) in new[] { (1, 300, 100), (5, 129, 65), (36, 40, 64) })
        {
            var (input, kernel, bias) = (Random(rows * inputs, 3), Random(inputs * units, 0.01f), Random(units, 1));
            AssertClose(Reference(input, kernel, bias, rows, inputs, units), Product(input, kernel, bias, rows, inputs, units), OfSums);
        }
        return Task.CompletedTask;
    }

    private static OnnxModel Halves(LayerGraph graph) => OnnxWriter.TranslateForEngine(graph, [graph.Output], precision: Precision.Float16);

    private static LayerGraph Classifier(int units) => Of(12, 12, (g, x) =>
        g.Add(new Dense(units), "dense", g.Add(new Flatten(), "flatten", g.Add(new Conv2D(16, 3, 2, Padding.Same), "conv", x))));

    private static Layer Find(LayerGraph graph, string name) => graph.Layers.Single(l => l.Name == name);

    private static float[] Random(int count, float largest)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2 - 1) * largest)];
    }

    private static float[] Reference(float[] input, float[] kernel, float[] bias, int rows, int inputs, int units)
    {
        var output = new float[rows * units];
        for (var i = 0; i < output.Length; i++)
        {
            var sum = 0.0;
            for (var k = 0; k < inputs; k++)
                sum += input[i / units * inputs + k] * (double)(Half)(kernel[k * units + i % units] * Float16Product.Scale) / Float16Product.Scale;
            output[i] = (float)(sum + bias[i % units]);
        }
        return output;
    }

    private static unsafe float[] Product(float[] input, float[] kernel, float[] bias, int rows, int inputs, int units)
    {
        var panels = new Half[(units + 63) / 64 * inputs * 64];
        for (var i = 0; i < kernel.Length; i++)
            panels[(i % units / 64 * inputs + i / units) * 64 + i % units % 64] = (Half)(kernel[i] * Float16Product.Scale);
        var output = new float[rows * units];
        fixed (float* x = input, b = bias, y = output)
        fixed (Half* k = panels)
        {
            var product = new Float16Product { Input = x, Kernel = (short*)k, Bias = b, Output = y, Rows = rows, Inputs = inputs, Units = units };
            for (var panel = 0; panel < (units + 63) / 64; panel++)
                product.Run(panel);
        }
        return output;
    }

    /// <summary>Zeros, but for the first number of each weight.</summary>
    private sealed class OneWeight(float value) : IWeightSource
    {
        public string Fingerprint => "one";

        public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination)
        {
            destination.Clear();
            if (start == 0)
                destination[0] = value;
        }

        public void Dispose()
        {
        }
    }
}
