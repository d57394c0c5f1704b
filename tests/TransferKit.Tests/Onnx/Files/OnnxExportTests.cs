using Microsoft.ML.OnnxRuntime;
using Onnx;
using TransferKit.Engine;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx.Files;

public sealed class OnnxExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-export-").FullName;
    private readonly FormulaWeights _weights = new(0.8);
    private readonly LayerGraph _graph = Of(9, 8, (g, x) =>
    {
        x = g.Add(new BatchNormalization(), "bn", g.Add(new Conv2D(8, 3, 2, Padding.Same), "conv", x));
        return g.Add(new Dense(500), "dense", g.Add(new Flatten(), "flatten", x));
    });

    public void Dispose()
    {
        _weights.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory, MemberData(nameof(Modes))]
    public void An_exported_model_that_takes_pixels_gives_what_the_engine_gives(PreprocessMode mode, bool isByte, bool isOneFile)
    {
        var pixels = FormulaWeights.Input(2, 9, 8);
        var path = Path.Combine(_folder, "tiny.onnx");
        var model = OnnxWriter.Translate(_graph, [_graph.Output], InputForm.Pixels(isByte ? PixelType.Byte : PixelType.Float, mode));
        OnnxExport.Write(model, _weights, path, [], isOneFile ? EmbeddedWeights.LargestFile : 1000, TestContext.Current.CancellationToken);

        Assert.Equal(
            isOneFile ? ["tiny.onnx"] : ["tiny.onnx", "tiny.onnx.data"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
        using var engine = OnnxEngine.Load(
            OnnxWriter.Translate(_graph, [_graph.Output], InputForm.Planar), _weights, null, TestContext.Current.CancellationToken);
        AssertClose(engine.Run(PlanarPixels.From(pixels, 2, 9, 8, mode), 2)[0], RunFile(path, pixels, isByte));
    }

    [Fact]
    public void A_file_with_weights_inside_is_as_long_as_foreseen_and_reads_as_one_message()
    {
        var model = OnnxWriter.Translate(_graph, [_graph.Output], InputForm.Planar);
        var path = Path.Combine(_folder, "tiny.onnx");
        OnnxExport.Write(
            model, _weights, path, [new("keras_name", "Tiny"), new("preprocess", "none")],
            cancellation: TestContext.Current.CancellationToken);

        var bytes = File.ReadAllBytes(path);
        var read = ModelProto.Parser.ParseFrom(bytes);
        Assert.Equal(["keras_name=Tiny", "preprocess=none"], read.MetadataProps.Select(p => $"{p.Key}={p.Value}"));
        Assert.Equal(
            model.Weights.Select(w => w.Name),
            read.Graph.Initializer.Where(i => i.RawData.Length > 8 && i.DataType == 1).Select(i => i.Name));
        Assert.Equal(bytes.Length, EmbeddedWeights.SizeOf(model.With([new("keras_name", "Tiny"), new("preprocess", "none")])));
    }

    [Fact]
    public void An_export_that_fails_leaves_the_file_that_was_there()
    {
        var path = Path.Combine(_folder, "tiny.onnx");
        File.WriteAllText(path, "what was there");
        var model = OnnxWriter.Translate(_graph, [_graph.Output], InputForm.Planar);

        Assert.ThrowsAny<OperationCanceledException>(
            () => OnnxExport.Write(model, _weights, path, [], cancellation: new CancellationToken(canceled: true)));
        Assert.ThrowsAny<OperationCanceledException>(
            () => OnnxExport.Write(model, _weights, path, [], 1000, new CancellationToken(canceled: true)));
        Assert.Equal("what was there", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    private static float[] RunFile(string path, float[] pixels, bool isByte)
    {
        using var session = new InferenceSession(path);
        using var input = isByte
            ? OrtValue.CreateTensorValueFromMemory(pixels.Select(p => (byte)p).ToArray(), [2, 9, 8, 3])
            : OrtValue.CreateTensorValueFromMemory(pixels, [2, 9, 8, 3]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["pixels"], [input], ["dense"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public static TheoryData<PreprocessMode, bool, bool> Modes
    {
        get
        {
            var modes = new TheoryData<PreprocessMode, bool, bool>();
            foreach (var mode in Enum.GetValues<PreprocessMode>())
            {
                foreach (var isByte in new[] { true, false })
                {
                    foreach (var isOneFile in new[] { true, false })
                        modes.Add(mode, isByte, isOneFile);
                }
            }
            return modes;
        }
    }
}
