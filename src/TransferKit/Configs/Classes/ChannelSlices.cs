using System.Collections.Immutable;
using System.Text.Json;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

/// <summary>
/// Reads how <c>preprocess_input</c> swaps red and blue: <c>x[..., ::-1]</c>, or, in newer versions, a <c>stack</c> of <c>x[..., 2]</c>,
/// <c>x[..., 1]</c> and <c>x[..., 0]</c>. Other slices are refused.
/// </summary>
internal static class ChannelSlices
{
    public static (LayerOp Op, ImmutableArray<Layer> Inputs) Read(OperationCall call)
    {
        var layer = call.Operand("x", "tensor");
        if (call.Find(1, "key", "slice_spec") is not CallValue.Items { Values: [.., var last] } key || !key.Values[..^1].All(IsWhole))
            throw Unsupported();
        var channels = layer.OutputShape.Channels;
        return last switch
        {
            CallValue.Slice { Start: null, Stop: null, Step: -1 } =>
                (new TakeChannels([.. Enumerable.Range(0, channels).Reverse()]), [layer]),
            CallValue.Slice { Start: null, Stop: null, Step: null or 1 } => (new PassThrough("GetItem"), [layer]),
            CallValue.Constant { Value: { ValueKind: JsonValueKind.Number } index } when index.TryGetInt32(out var i) =>
                (new ChannelSlice(i < 0 ? i + channels : i), [layer]),
            _ => throw Unsupported(),
        };
    }

    public static (LayerOp Op, ImmutableArray<Layer> Inputs) ReadStack(OperationCall call)
    {
        var slices = call.Layers(0, "x", "values");
        var sources = slices.Select(s => s.Op is ChannelSlice ? s.Inputs[0] : null).Distinct().ToArray();
        return sources is [{ } source] && call.Ints(1, "axis") is [-1 or 3]
            ? (new TakeChannels([.. slices.Select(s => ((ChannelSlice)s.Op).Channel)]), [source])
            : throw new ConfigException("stacks arrays, which is supported only for channels of one map, as preprocess_input does.");
    }

    private static bool IsWhole(CallValue value) =>
        value is CallValue.Ellipsis or CallValue.Slice { Start: null or 0, Stop: null, Step: null or 1 };

    private static ConfigException Unsupported() => new(
        "is a slice. TransferKit supports x[..., ::-1] and stacks of channels, as in preprocess_input; "
        + "use Cropping2D or CenterCrop in Keras.");
}

/// <summary>Represents one channel of a map without its dimension, which only <see cref="ChannelSlices.ReadStack"/> reads.</summary>
internal sealed record ChannelSlice(int Channel) : LayerOp
{
    public override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0].IsMap && Channel >= 0 && Channel < inputs[0].Channels
        ? inputs[0].WithChannels(1)
        : throw Unfit($"{inputs[0]} has no channel {Channel}");
}
