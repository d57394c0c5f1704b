using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Onnx;
using TransferKit.Common;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Reading;
using TransferKit.WeightSources;

namespace TransferKit.Engine;

/// <summary>Finds the types and dimensions of a model's values that its file does not declare, by running it on one black image.</summary>
internal static class ValueProbe
{
    /// <exception cref="OnnxRuntimeException">ONNX Runtime cannot load or run the model.</exception>
    public static ImmutableArray<FileOutput> Measure(
        OnnxModel model, IReadOnlyList<string> names, IWeightSource weights, CancellationToken cancellation)
    {
        using var folder = new TemporaryFolder();
        CompiledModel.Write(folder.Path, model, weights, cancellation);
        using var options = EngineOptions.Create(model.Name, GraphOptimizationLevel.ORT_DISABLE_ALL, withCustomOperators: false);
        using var session = new InferenceSession(Path.Combine(folder.Path, CompiledModel.ModelFile), options);
        var input = model.Input;
        using var image = OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, TensorElementType.Float, [1, input.Channels, input.Height, input.Width]);
        image.GetTensorMutableDataAsSpan<float>().Clear();
        using var run = new RunOptions();
        using var results = session.Run(run, [model.InputName], [image], [.. names]);
        return [.. results.Select((result, i) => Describe(names[i], result))];
    }

    private static FileOutput Describe(string name, OrtValue result)
    {
        var tensor = result.GetTensorTypeAndShape();
        // ONNX Runtime numbers the types as ONNX does.
        return new(name, (TensorProto.Types.DataType)tensor.ElementDataType, [.. tensor.Shape.Skip(1).Select(d => checked((int)d))]);
    }
}
