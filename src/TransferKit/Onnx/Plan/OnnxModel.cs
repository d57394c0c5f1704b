using System.Collections.Immutable;
using Onnx;
using TransferKit.Graph;
using TransferKit.Onnx.Rewrites;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Plan;

/// <summary>A model that is ready to be written: its graph, and the rules of its weights in the order of the file.</summary>
internal sealed record OnnxModel
{
    private const long HugeKernel = 128 << 20;

    public required string Name { get; init; }

    /// <summary>Complete but for the tensors of <see cref="Weights"/>.</summary>
    public required ModelProto Proto { get; init; }

    public required ImmutableArray<WeightTensor> Weights { get; init; }

    /// <summary>The shape of one sample of the input, in Keras' order.</summary>
    public required Shape Input { get; init; }

    public required ImmutableArray<ModelOutput> Outputs { get; init; }

    public string InputName => Proto.Graph.Input[0].Name;

    /// <summary>Whether most of a run is reading one kernel: a classifier's over a whole map, VGG's <c>fc1</c>.</summary>
    public bool HasHugeKernel => Weights.Any(w => w.Bytes >= HugeKernel);

    /// <summary>What kernels of <see cref="WinogradRewrite"/> may take more than others; nothing where all operators must be standard ones.</summary>
    public long MostWinogradBytes { get; init; }

    /// <summary>Whether it gets operators of ours when it is optimised: only a session that knows them runs it then.</summary>
    public bool HasOwnOperators => MostWinogradBytes > 0;

    /// <summary>The same model with more in its <c>metadata_props</c>.</summary>
    public OnnxModel With(IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var proto = Proto.Clone();
        foreach (var (key, value) in metadata)
            proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return this with { Proto = proto };
    }
}
