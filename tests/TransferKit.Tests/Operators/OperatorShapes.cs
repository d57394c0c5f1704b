using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using TransferKit.Engine;
using TransferKit.Operators;

namespace TransferKit.Tests.Operators;

/// <summary>Compares the shapes that our operators tell ONNX Runtime when it loads a model with those of their outputs.</summary>
internal static class OperatorShapes
{
    private const int Images = 2;

    /// <summary>Requires that every output of our operators has a known shape for each number of images, and that it is right.</summary>
    public static void Check(string path)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        string[] ours = [.. model.Graph.Node.Where(n => n.Domain == CustomOperators.Domain).SelectMany(n => n.Output)];
        if (ours.Length == 0)
            return;
        // An output without a shape gets the one that ONNX Runtime infers.
        model.Graph.Output.Clear();
        model.Graph.Output.Add(ours.Select(name => new ValueInfoProto { Name = name }));
        var changed = Path.Combine(Path.GetDirectoryName(path)!, "outputs.onnx");
        File.WriteAllBytes(changed, model.ToByteArray());

        using var options = EngineOptions.Create("shapes", GraphOptimizationLevel.ORT_DISABLE_ALL, withCustomOperators: true);
        using var session = new InferenceSession(changed, options);
        var input = session.InputMetadata.Values.Single().Dimensions;
        long[] shape = [Images, .. input.Skip(1)];
        using var images = OrtValue.CreateTensorValueFromMemory(new float[shape.Aggregate(1L, (a, b) => a * b)], shape);
        using var run = new RunOptions();
        using var outputs = session.Run(run, session.InputNames, [images], ours);
        foreach (var (name, output) in ours.Zip(outputs))
        {
            var inferred = session.OutputMetadata[name];
            Assert.Equal([-1, .. output.GetTensorTypeAndShape().Shape.Skip(1)], inferred.Dimensions.Select(d => (long)d));
            Assert.Equal("n", inferred.SymbolicDimensions[0]);
            Assert.Equal(Images, output.GetTensorTypeAndShape().Shape[0]);
        }
    }
}
