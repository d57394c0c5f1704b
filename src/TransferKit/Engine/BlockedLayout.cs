using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using TransferKit.Common;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Rewrites;

namespace TransferKit.Engine;

/// <summary>
/// Finds the number of channels of ONNX Runtime's blocks, which depends on the processor and which its API does not tell. The optimiser
/// pads the filters of a convolution to whole blocks, so the kernel of one with eight filters shows it.
/// </summary>
internal static class BlockedLayout
{
    private const int Fewest = 8;
    private static readonly Lazy<int> Measured = new(Measure, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The number of channels of a block; 0 if ONNX Runtime has no blocks here.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime cannot optimise the model.</exception>
    public static int Lanes => Measured.Value;

    private static int Measure()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, OptimisedModel.ModelFile);
        using (var options = EngineOptions.CreatePlain())
        {
            options.OptimizedModelFilePath = path;
            new InferenceSession(Convolution().ToByteArray(), options).Dispose();
        }
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph;
        return graph.Node.FirstOrDefault(n => n.Domain == CustomNodes.Blocked) is { } blocked
            ? (int)graph.Initializer.Single(t => t.Name == blocked.Input[1]).Dims[0]
            : 0;
    }

    private static ModelProto Convolution()
    {
        var kernel = new TensorProto { Name = "kernel", DataType = (int)TensorProto.Types.DataType.Float, Dims = { Fewest, Fewest, 1, 1 } };
        kernel.FloatData.AddRange(Enumerable.Repeat(1f, Fewest * Fewest));
        return new()
        {
            IrVersion = OnnxWriter.IrVersion,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = OnnxWriter.OperatorSet } },
            Graph = new()
            {
                Name = "blocks",
                Input = { ValueInfos.Tensor("x", [Fewest, 1, 1]) },
                Initializer = { kernel },
                Node = { new NodeProto { OpType = "Conv", Input = { "x", kernel.Name }, Output = { "y" } } },
                Output = { ValueInfos.Tensor("y", [Fewest, 1, 1]) },
            },
        };
    }
}
