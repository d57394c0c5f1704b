using System.Collections.Immutable;
using Onnx;
using TransferKit.Graph;
using TransferKit.Onnx.Rewrites;
using TransferKit.Onnx.Tensors;

namespace TransferKit.Onnx.Plan;

/// <summary>A model that is ready to be written: its graph, and the rules of its weights in file order.</summary>
internal sealed record OnnxModel
{
    private const long HugeKernel = 128 << 20;

    public required string Name { get; init; }

    /// <summary>The model without the tensors of <see cref="Weights"/>.</summary>
    public required ModelProto Proto { get; init; }

    public required ImmutableArray<WeightTensor> Weights { get; init; }

    /// <summary>The shape of one sample of the input, in Keras' order.</summary>
    public required Shape Input { get; init; }

    public required ImmutableArray<ModelOutput> Outputs { get; init; }

    public string InputName => Proto.Graph.Input[0].Name;

    /// <summary>Whether reading one kernel dominates a run, such as VGG's <c>fc1</c> or a classifier over a whole map.</summary>
    public bool HasHugeKernel => Weights.Any(w => w.Bytes >= HugeKernel);

    /// <summary>Whether optimising may replace nodes on maps of floats by our own operators.</summary>
    public bool HasMaps { get; init; }

    /// <summary>The largest number of bytes that kernels of <see cref="WinogradRewrite"/> may add.</summary>
    public long MostWinogradBytes { get; init; } = WinogradRewrite.MostBytes;

    /// <summary>Whether optimising may replace convolutions of bytes by <see cref="ByteConvolutionRewrite"/>.</summary>
    public bool HasBytes { get; init; }

    /// <summary>Whether optimising may add our own operators, which only sessions that have them registered can run.</summary>
    public bool HasCustomOperators => HasMaps || HasBytes;

    /// <summary>Returns a copy with additional entries in its <c>metadata_props</c>.</summary>
    public OnnxModel With(IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var proto = Proto.Clone();
        foreach (var (key, value) in metadata)
            proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return this with { Proto = proto };
    }
}
