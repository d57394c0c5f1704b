using System.Runtime.InteropServices;
using Onnx;
using TransferKit.Engine;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Operators;
using TransferKit.Quantization;
using TransferKit.Tests.Architectures;

namespace TransferKit.Tests.Quantization;

/// <summary>Tests that ONNX Runtime runs whole int8 networks on bytes, with features close to those of floats.</summary>
public class Int8ModelTests
{
    public static TheoryData<string> Families => AllArchitectures.Families;

    public static TheoryData<string> Names => AllArchitectures.Names;

    [Theory, MemberData(nameof(Families))]
    public void The_smallest_of_each_family_gives_features_like_those_in_floats(string name) => AssertAlike(name);

    [Theory, MemberData(nameof(Names)), Trait("Category", "Slow")]
    public void Every_network_gives_features_like_those_in_floats(string name) => AssertAlike(name);

    [Theory, InlineData("vgg16"), InlineData("resnet50"), InlineData("inception_v3"), InlineData("xception"), InlineData("mobilenet_v2")]
    public void No_layer_of_the_core_runs_in_floats_but_the_last_pooling(string name)
    {
        var nodes = OptimisedNodes(name);

        // Arm has integer kernels of its own, and other processors no layout in which channels stand last.
        if (RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
            return;
        string[] expected =
        [
            "QuantizeLinear", "Transpose", "QLinearConv", "NhwcMaxPool", "QLinearAdd", "QLinearConcat", "QLinearMul", "Clip",
            "DequantizeLinear", "GlobalAveragePool", "Flatten",
        ];
        Assert.Empty(nodes.Select(n => n.OpType).Distinct().Except(expected));
        // One transposition leads to channels last, one back.
        Assert.True(nodes.Count(n => n.OpType == "Transpose") <= 2);
    }

    [Fact]
    public void Layers_that_stay_in_floats_are_not_made_bytes_by_the_engine()
    {
        var (model, weights, images) = Prepare("mobilenet_v2", 64);
        var recipe = Calibrate(model, weights, images);
        var layer = model.Proto.Graph.Node.First(n => n.OpType == "Conv" && n.Name.EndsWith("depthwise", StringComparison.Ordinal)).Name;
        var path = Path.Combine(Path.GetTempPath(), $"transferkit-{Guid.NewGuid():N}.onnx");
        try
        {
            OnnxEngine.Load((recipe with { Floats = [layer] }).Apply(model), weights, o => o.OptimizedModelFilePath = path).Dispose();
            Assert.Single(ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Node, n => n.OpType is "Conv" or "FusedConv");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void What_bytes_cannot_keep_is_put_back_into_floats_until_the_features_are_near_enough()
    {
        var (model, weights, images) = Prepare("mobilenet_v2", 64);
        var recipe = Calibrate(model, weights, images);
        // The test corrupts the scale of the second layer.
        var spoilt = recipe.Ranges.Keys.ElementAt(2);
        recipe.Ranges[spoilt] = new(0, recipe.Ranges[spoilt].Max / 50);
        recipe.Equalized.Remove(spoilt);

        var restored = Sensitivity.Restore(model, weights, recipe, images, 0.99, _ => { }, TestContext.Current.CancellationToken);

        Assert.NotEmpty(restored.Floats);
        Assert.True(Similarity(model, restored.Apply(model), weights, images) >= 0.99);
        Assert.True(Similarity(model, recipe.Apply(model), weights, images) < 0.99);
    }

    [Theory]
    [InlineData("mobilenet_v2", 17)]
    [InlineData("efficientnet_b0", 16)]
    [InlineData("xception", 34)]
    [InlineData("nasnet_mobile", 143)]
    [InlineData("convnext_tiny", 18)]
    [InlineData("resnet50", 0)]
    [InlineData("vgg16", 0)]
    public void Convolutions_of_our_own_compute_the_bytes_of_ONNX_Runtime(string name, int depthwise)
    {
        Assert.SkipUnless(ByteConvolution.IsSupported, "This processor has no dot products of bytes in vectors of 256 bits.");
        var (model, weights, images) = Prepare(name, Math.Max(AllArchitectures.Named(name).MinSize, 64));
        var int8 = Calibrate(model, weights, images).Apply(model);
        var ours = int8 with { HasBytes = true };

        using (var folder = new CompiledModelCache(null).Open(ModelRequest.Of(ours, ""), weights, optimise: true))
        {
            var nodes = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.ModelPath)).Graph.Node;
            Assert.Equal(1, nodes.Count(n => n.OpType == ByteConvolutionOperator.OfImage));
            Assert.Equal(depthwise, nodes.Count(n => n.OpType == ByteConvolutionOperator.Depthwise));
        }
        Assert.Equal(Run(int8, weights, images), Run(ours, weights, images));
    }

    private static void AssertAlike(string name)
    {
        // Deep networks of random weights amplify any difference; what is held is that nothing is wrong.
        var (model, weights, images) = Prepare(name, Math.Max(AllArchitectures.Named(name).MinSize, 64));
        var int8 = Calibrate(model, weights, images).Apply(model);

        var similarity = Similarity(model, int8, weights, images);

        Assert.True(similarity > 0.9, $"{name}: {similarity}");
    }

    private static (OnnxModel, MemoizedWeights, ImageBatch) Prepare(string name, int size)
    {
        var graph = AllArchitectures.Build(name, o => o with { InputSize = (size, size), IncludeTop = false, Pooling = Pooling.Avg });
        var pixels = Array.ConvertAll(FormulaWeights.Input(2, size, size), p => (byte)p);
        ReadOnlyMemory<byte>[] images = [.. pixels.Chunk(size * size * 3)];
        var weights = new MemoizedWeights(new FormulaWeights(BackboneGolden.Load(name).GammaLow));
        return (OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar), weights,
            new ImageBatch(images, new ImageLoadOptions().FittingTo(new(size, size)), AllArchitectures.Named(name).Preprocess));
    }

    private static Int8Recipe Calibrate(OnnxModel model, MemoizedWeights weights, ImageBatch images) =>
        Calibrator.Observe(model, weights, images, CalibrationMethod.MinMax, "key", _ => { }, TestContext.Current.CancellationToken);

    private static double Similarity(OnnxModel floats, OnnxModel int8, MemoizedWeights weights, ImageBatch images) =>
        Sensitivity.Cosine(Run(floats, weights, images), Run(int8, weights, images), images.Count);

    private static float[][] Run(OnnxModel model, MemoizedWeights weights, ImageBatch images)
    {
        using var engine = OnnxEngine.Load(model, weights);
        return engine.Run(images);
    }

    private static IEnumerable<NodeProto> OptimisedNodes(string name)
    {
        var (model, weights, images) = Prepare(name, 96);
        var path = Path.Combine(Path.GetTempPath(), $"transferkit-{Guid.NewGuid():N}.onnx");
        try
        {
            OnnxEngine.Load(Calibrate(model, weights, images).Apply(model), weights, o => o.OptimizedModelFilePath = path).Dispose();
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Node;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
