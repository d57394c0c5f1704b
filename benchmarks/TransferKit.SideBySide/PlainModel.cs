using Microsoft.ML.OnnxRuntime;
using TransferKit.Backbones;
using TransferKit.Engine;
using TransferKit.Onnx;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.SideBySide;

/// <summary>
/// Represents a model without TransferKit: one .onnx file of an NCHW graph with its weights, without rewrites. Its input is
/// preprocessed floats.
/// </summary>
internal sealed class PlainModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _input;

    /// <param name="path">The model's file.</param>
    /// <param name="configure">Changes the session's options, such as its execution provider; null for none.</param>
    public PlainModel(string path, Action<SessionOptions>? configure = null)
    {
        using var options = EngineOptions.CreatePlain();
        configure?.Invoke(options);
        _session = new InferenceSession(path, options);
        _input = _session.InputMetadata.Keys.Single();
    }

    public static void Write(BackbonePlan plan, string path)
    {
        using var weights = BackboneLoader.OpenWeightsAsync(plan, WeightStore.Default, null, default).GetAwaiter().GetResult();
        Write(plan, weights, path);
    }

    public static void Write(INetwork network, IWeightSource weights, string path) =>
        OnnxExport.Write(OnnxWriter.TranslatePlainly(network.Graph, network.Outputs, InputForm.Planar), weights, path, []);

    /// <summary>Writes the file that an export of a network gives, in its precision, but for the same input.</summary>
    public static void WriteCompiled(BackbonePlan plan, string path)
    {
        using var weights = BackboneLoader.OpenWeightsAsync(plan, WeightStore.Default, null, default).GetAwaiter().GetResult();
        var compiler = new ModelCompiler(plan, BackboneLoader.CompilerOptions(plan, WeightStore.Default));
        OnnxExport.Write(compiler.ForFile(InputForm.Planar, weights, default), weights, path, []);
    }

    /// <summary>Saves the model after ONNX Runtime's optimisation in one file.</summary>
    public static void WriteOptimised(string path, string optimised)
    {
        using var options = EngineOptions.CreatePlain();
        options.OptimizedModelFilePath = optimised;
        new InferenceSession(path, options).Dispose();
    }

    public float[] Run(float[] planar, long[] shape)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(planar, shape);
        using var run = new RunOptions();
        using var outputs = _session.Run(run, [_input], [input], _session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose() => _session.Dispose();
}
