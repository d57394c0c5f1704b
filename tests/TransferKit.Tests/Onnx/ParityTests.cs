using TransferKit.Architectures;
using TransferKit.Engine;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Tests.Onnx;

/// <summary>Tests that every backbone computes the same as Keras on every case of the goldens.</summary>
public class ParityTests
{
    private const double Tolerance = 1e-4;
    private const long LargeParameters = 60_000_000;

    public static TheoryData<string> Usual => new(BackboneGolden.Names.Where(n => !IsLarge(n)));
    public static TheoryData<string> Large => new(BackboneGolden.Names.Where(IsLarge));

    [Theory, MemberData(nameof(Usual))]
    public void A_backbone_computes_what_Keras_computes(string name) => Check(name);

    [Theory, MemberData(nameof(Large)), Trait("Category", "Slow")]
    public void A_large_backbone_computes_what_Keras_computes(string name) => Check(name);

    [Fact]
    public void A_network_of_every_family_computes_on_a_GPU_what_Keras_computes()
    {
        foreach (var name in new[]
        {
            "mobilenet_v2", "resnet50", "vgg16", "efficientnet_b0", "convnext_tiny", "densenet121", "inception_v3", "xception", "mobilenet",
            "mobilenet_v3_small", "efficientnet_v2_b0", "resnet50v2", "nasnet_mobile", "inception_resnet_v2",
        })
        {
            try
            {
                Check(name, ExecutionDevice.Cuda);
            }
            catch (DeviceUnavailableException e)
            {
                Assert.Skip(e.Message);
            }
        }
    }

    private static void Check(string name, ExecutionDevice device = ExecutionDevice.Cpu)
    {
        var golden = BackboneGolden.Load(name);
        var architecture = Registry.All.Single(a => a.Name == name);
        using var weights = new MemoizedWeights(new FormulaWeights(golden.GammaLow));
        var wrong = new List<string>();
        foreach (var @case in golden.Cases)
        {
            var graph = architecture.Build(Options(@case));
            Assert.Equal(@case.Output.Shape, graph.Output.OutputShape.Dimensions.Insert(0, @case.Batch));
            var error = RelativeError(Run(architecture, weights, graph, @case, [graph.Output], device)[0], @case.Output);
            TestContext.Current.TestOutputHelper?.WriteLine($"{name}, {Describe(@case)}: relative error {error:G3}");
            if (!(error <= Tolerance))
                wrong.Add($"{Describe(@case)}: relative error {error:G3}");
        }
        Assert.True(
            wrong.Count == 0,
            $"{name}, {string.Join("; ", wrong)}{(wrong.Count > 0 ? FirstDifference(architecture, weights, golden, device) : "")}");
    }

    private static float[][] Run(
        Architecture architecture, IWeightSource weights, LayerGraph graph, GoldenCase @case, Layer[] outputs, ExecutionDevice device)
    {
        var (height, width) = (@case.InputSize[0], @case.InputSize[1]);
        var pixels = FormulaWeights.Input(@case.Batch, height, width);
        var setup = SessionSetup.Of(device, configure: null);
        var model = setup is null
            ? OnnxWriter.TranslateForEngine(graph, outputs)
            : OnnxWriter.Translate(graph, outputs, InputForm.Planar);
        using var engine = OnnxEngine.Load(ModelRequest.Of(model, identity: ""), weights, new CompiledModelCache(null), setup);
        return engine.Run(PlanarPixels.From(pixels, @case.Batch, height, width, architecture.Preprocess), @case.Batch);
    }

    private static double RelativeError(float[] output, GoldenOutput golden)
    {
        var (difference, largest) = (0.0, 0.0);
        for (var i = 0L; i < golden.Count; i++)
        {
            var expected = golden.Values[i];
            var actual = output[i * output.Length / golden.Count];
            difference = double.IsFinite(actual) ? Math.Max(difference, Math.Abs((double)actual - expected)) : double.PositiveInfinity;
            largest = Math.Max(largest, Math.Abs(expected));
        }
        return difference / largest;
    }

    /// <summary>Runs the case with every layer's mean and deviation, and names the first layer that differs.</summary>
    private static string FirstDifference(
        Architecture architecture, IWeightSource weights, BackboneGolden golden, ExecutionDevice device)
    {
        if (golden.Cases.FirstOrDefault(c => c.LayerMeanStd is not null) is not { LayerMeanStd: { } expected } @case)
            return "";
        var graph = architecture.Build(Options(@case));
        Layer[] layers = [.. graph.Layers.Where(l => expected.ContainsKey(l.Name))];
        var outputs = Run(architecture, weights, graph, @case, layers, device);
        for (var i = 0; i < layers.Length; i++)
        {
            var mean = outputs[i].Average(v => (double)v);
            var deviation = Math.Sqrt(outputs[i].Average(v => (v - mean) * (v - mean)));
            var (wantedMean, wantedDeviation) = (expected[layers[i].Name][0], expected[layers[i].Name][1]);
            if (Math.Abs(mean - wantedMean) + Math.Abs(deviation - wantedDeviation) > 1e-3 * (Math.Abs(wantedMean) + wantedDeviation))
                return $"; first at {layers[i]}: mean {mean:G6} for {wantedMean:G6}, deviation {deviation:G6} for {wantedDeviation:G6}";
        }
        return "; no single layer differs when none is folded";
    }

    private static BuildOptions Options(GoldenCase c) => new()
    {
        InputSize = (c.InputSize[0], c.InputSize[1]),
        IncludeTop = c.IncludeTop,
        Classes = c.Classes ?? 1000,
        ClassifierActivation = ClassifierActivation.None,
        Pooling = c.Pooling switch { "avg" => Pooling.Avg, "max" => Pooling.Max, _ => Pooling.None },
    };

    private static string Describe(GoldenCase c) =>
        $"{(c.IncludeTop ? $"top {c.Classes}" : c.Pooling ?? "map")} {c.InputSize[0]}x{c.InputSize[1]} batch {c.Batch}";

    // The order estimates the time of a case from maps and parameters, because VGG's parameters are nearly all in its top.
    private static bool IsLarge(string name) => BackboneGolden.Load(name).TotalParams > LargeParameters
        ? !name.StartsWith("vgg", StringComparison.Ordinal)
        : name is "efficientnet_b6" or "efficientnet_v2_m";
}
