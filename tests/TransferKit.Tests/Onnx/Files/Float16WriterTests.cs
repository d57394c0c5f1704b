using Microsoft.ML.OnnxRuntime;
using Onnx;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx.Files;

public sealed class Float16WriterTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("transferkit-float16-").FullName, "tiny.onnx");

    private readonly LayerGraph _graph = Of(20, 20, (g, x) =>
    {
        x = g.Add(new BatchNormalization(), "bn", g.Add(new Conv2D(48, 3, 2, Padding.Same), "conv", x));
        x = g.Add(new DepthwiseConv2D(3, 1, Padding.Same), "depthwise", g.Add(new Conv2D(96, 3, 1, Padding.Same), "second", x));
        return g.Add(new Dense(200), "dense", g.Add(new Flatten(), "flatten", x));
    });

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void An_exported_file_is_half_as_large_and_has_standard_operators_alone()
    {
        Write(OnnxWriter.Translate(_graph, [_graph.Output], InputForm.Planar));
        var floats = new FileInfo(_path).Length;
        var model = Float16Writer.Apply(OnnxWriter.Translate(_graph, [_graph.Output], InputForm.Planar));
        Write(model);

        Assert.InRange(new FileInfo(_path).Length, floats / 2, floats / 2 + 4096);
        Assert.False(model.HasCustomOperators);
        Assert.Equal([""], ModelProto.Parser.ParseFrom(File.ReadAllBytes(_path)).OpsetImport.Select(o => o.Domain));
    }

    [Fact]
    public void Another_session_reads_each_weight_as_the_nearest_half()
    {
        var plain = OnnxWriter.TranslatePlainly(_graph, [_graph.Output], InputForm.Planar);
        Write(Float16Writer.Apply(plain));
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_path)).Graph;
        var halves = graph.Initializer.Single(i => i.Name == "dense/kernel/float16");
        Assert.Equal((int)TensorProto.Types.DataType.Float16, halves.DataType);
        Half[] expected = [.. Weight(_graph.Output, "kernel").Select(w => (Half)w)];
        Assert.Equal(expected, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Half>(halves.RawData.Span).ToArray());

        var pixels = Numbers(2, 20, 20);
        // Three layers with weights: each is off by half a unit of the eleventh digit at most, and few of them at most and all to one side.
        AssertClose(Run(plain, pixels)[0], RunFile(PlanarPixels.From(pixels, 2, 20, 20, PreprocessMode.None)), 3.0 / (1 << 12));
    }

    [Fact]
    public void Biases_and_small_kernels_stay_floats()
    {
        var model = Float16Writer.Apply(OnnxWriter.Translate(_graph, [_graph.Output], InputForm.Planar));
        Assert.Equal(
            ["conv/kernel/float16", "second/kernel/float16", "dense/kernel/float16"],
            model.Weights.Where(w => w.Header().DataType == (int)TensorProto.Types.DataType.Float16).Select(w => w.Name));
        Assert.Contains("depthwise/depthwise_kernel", model.Weights.Select(w => w.Name));
    }

    [Fact]
    public void A_weight_that_no_half_holds_is_told_by_name()
    {
        using var weights = new FirstWeights(70000);
        var thrown = Assert.Throws<BackboneOptionsException>(() => OnnxExport.Write(
            Float16Writer.Apply(OnnxWriter.TranslatePlainly(_graph, [_graph.Output], InputForm.Planar)), weights, _path, []));
        Assert.Contains("Float16", thrown.Message);
        Assert.Contains("'conv/kernel'", thrown.Message);
        Assert.Contains("65520", thrown.Message);
        Assert.Contains("70000", thrown.Message);
    }

    private void Write(OnnxModel model)
    {
        using var weights = new FormulaWeights(0.8);
        OnnxExport.Write(model, weights, _path, []);
    }

    private float[] RunFile(float[] planar)
    {
        using var session = new InferenceSession(_path);
        using var input = OrtValue.CreateTensorValueFromMemory(planar, [2, 3, 20, 20]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, session.InputNames, [input], session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>Zeros, but for the first number of each weight.</summary>
    private sealed class FirstWeights(float value) : IWeightSource
    {
        public string Fingerprint => "first";

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
