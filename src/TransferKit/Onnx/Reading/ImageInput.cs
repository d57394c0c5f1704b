using Onnx;
using static Onnx.TensorProto.Types;

namespace TransferKit.Onnx.Reading;

/// <summary>Represents the input of a model that takes a batch of RGB images.</summary>
/// <param name="Name">The name of the value.</param>
/// <param name="Type">The type of its numbers.</param>
/// <param name="Layout">The order of its dimensions.</param>
/// <param name="Height">The height that the file fixes; null for any.</param>
/// <param name="Width">The width that the file fixes; null for any.</param>
/// <param name="IsSingle">Whether the file fixes the batch at one image.</param>
internal sealed record ImageInput(string Name, DataType Type, Plan.Layout Layout, int? Height, int? Width, bool IsSingle)
{
    private const int LargestSide = 1 << 15;

    private static readonly DataType[] Types = [DataType.Float, DataType.Float16, DataType.Double, DataType.Uint8];

    /// <summary>Finds the only input of a model.</summary>
    /// <param name="file">The model.</param>
    /// <param name="layout">The order of the dimensions; null for what they tell, and channels first if they tell nothing.</param>
    /// <exception cref="OnnxModelException">There are several inputs, or the input takes no RGB images.</exception>
    public static ImageInput Of(OnnxFile file, Plan.Layout? layout)
    {
        var graph = file.Proto.Graph;
        // Old files list their weights among the inputs, because a caller may replace them.
        var weights = graph.Initializer.Select(i => i.Name).Concat(file.Weights.Select(w => w.Name)).ToHashSet();
        var inputs = graph.Input.Where(i => !weights.Contains(i.Name)).ToArray();
        if (inputs.Length != 1)
        {
            throw Problem(inputs.Length == 0
                ? "it has no input."
                : $"it has {inputs.Length} inputs, {string.Join(" and ", inputs.Select(Text))}, and must have one, of images. "
                + "Export the part of the model that takes images.");
        }
        var input = inputs[0];
        var type = (DataType)(input.Type?.TensorType?.ElemType ?? 0);
        if (input.Type?.TensorType?.Shape?.Dim is not { Count: 4 } dimensions || !Types.Contains(type))
        {
            throw Problem(
                $"its input {Text(input)} is no batch of images, (n, 3, height, width) or (n, height, width, 3) of floats or bytes.");
        }
        var sides = dimensions.Select(Fixed).ToArray();
        var order = layout ?? (sides[1] != 3 && sides[3] == 3 ? Plan.Layout.ChannelsLast : Plan.Layout.ChannelsFirst);
        var (channels, height, width) = order == Plan.Layout.ChannelsFirst
            ? (sides[1], sides[2], sides[3])
            : (sides[3], sides[1], sides[2]);
        if (channels is not (null or 3))
            throw Problem($"its input {Text(input)} has {channels} channels, and RGB images have 3.");
        if (sides[0] is not (null or 1))
            throw Problem($"its input {Text(input)} takes exactly {sides[0]} images. Export it with a batch of 1 or of any size.");
        if (height is < 1 or > LargestSide || width is < 1 or > LargestSide)
            throw Problem($"its input {Text(input)} takes images of no possible size.");
        return new(input.Name, type, order, height, width, IsSingle: sides[0] == 1);

        OnnxModelException Problem(string problem) => new(file.Path, problem);
    }

    private static int? Fixed(TensorShapeProto.Types.Dimension dimension) =>
        dimension.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue
            ? (int)Math.Clamp(dimension.DimValue, int.MinValue, int.MaxValue)
            : null;

    private static string Text(ValueInfoProto value)
    {
        var dimensions = value.Type?.TensorType?.Shape?.Dim.Select(d => Fixed(d)?.ToString() ?? (d.DimParam is "" ? "?" : d.DimParam));
        return dimensions is null ? $"'{value.Name}'" : $"'{value.Name}' ({string.Join(", ", dimensions)})";
    }
}
