using System.Globalization;
using System.Text.Json;
using TransferKit.Common;

namespace TransferKit.Backbones.OnnxFiles;

/// <summary>
/// Represents a <c>preprocessor_config.json</c> of Hugging Face: how its image processor resizes, crops and scales pictures with Pillow.
/// </summary>
/// <param name="Size">The size after resizing and cropping.</param>
/// <param name="Images">The options that give the same pixels.</param>
/// <param name="Scaling">The arithmetic on the pixels.</param>
internal sealed record PreprocessorConfig(ImageSize Size, ImageLoadOptions Images, PixelScaling Scaling)
{
    public const string FileName = "preprocessor_config.json";

    private const int MostBytes = 1 << 20;
    private const int LargestSide = 1 << 15;

    // Below this edge, ConvNeXt's processor crops; from it on, it stretches.
    private const int ConvNextStretches = 384;

    private static readonly string[] Known = ["do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb"];

    // Processors that read a size of one number as the shortest edge. All others read it as both sides.
    private static readonly string[] ReadShortestEdge =
        ["CLIP", "ChineseCLIP", "Bit", "ConvNext", "Levit", "MobileNetV1", "MobileNetV2", "MobileViT", "PoolFormer"];

    // Pillow's numbers of its filters.
    private static readonly Interpolation[] Filters =
    [
        Interpolation.Nearest, Interpolation.Lanczos, Interpolation.Bilinear, Interpolation.Bicubic, Interpolation.Box,
        Interpolation.Hamming,
    ];

    /// <summary>Finds the configuration in a model's folder; null if there is none.</summary>
    public static string? Beside(string model)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(model))!, FileName);
        return File.Exists(path) ? path : null;
    }

    /// <exception cref="OnnxModelException">
    /// The file is no configuration of an image processor, or asks for what is not supported.
    /// </exception>
    public static PreprocessorConfig Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(InputFile.ReadAllBytes(path, MostBytes), new() { MaxDepth = 16 });
            return new Reader(json.RootElement).Read();
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or OverflowException
            or IOException or UnauthorizedAccessException)
        {
            throw new OnnxModelException(
                path, $"it does not say how to prepare pictures: {e.Message} Give OnnxOptions.Images, Scaling and InputSize instead.", e);
        }
    }

    private sealed class Reader(JsonElement root)
    {
        private readonly string _processor = Text("image_processor_type", root) ?? Text("feature_extractor_type", root) ?? "";

        public PreprocessorConfig Read()
        {
            foreach (var flag in root.EnumerateObject())
            {
                if (flag.Name.StartsWith("do_", StringComparison.Ordinal) && flag.Value.ValueKind == JsonValueKind.True
                    && !Known.Contains(flag.Name))
                {
                    throw new FormatException($"{flag.Name} is not supported.");
                }
            }
            var (size, crop) = Sizes();
            var scaling = Scaling();
            if (scaling.Problems().FirstOrDefault() is { } problem)
                throw new FormatException(problem);
            return new(size, new() { Interpolation = Filter(), CropFrom = crop }, scaling);
        }

        private (ImageSize Size, CropFrom? Crop) Sizes()
        {
            if (!Flag("do_resize", otherwise: true))
                throw new FormatException("do_resize is false, so pictures would have sizes of their own.");
            if (Member("size") is not { } size)
                throw new FormatException("size is missing.");
            var crop = Flag("do_center_crop", Member("crop_size") is not null) ? Side("crop_size") : null;
            if (ShortestEdge(size) is not { } edge)
            {
                var resized = Square("size", size);
                return crop is null || crop == resized ? (resized, null) : (crop.Value, Larger(CropFrom.Size(resized), crop.Value));
            }
            if (Is("ConvNext") && edge >= ConvNextStretches)
                return (new(edge, edge), null);
            if (CropPercentage() is { } part)
                (crop, edge) = (crop ?? new(edge, edge), Side("size", (int)(edge / part)));
            else if (Is("Levit"))
                edge = Side("size", (int)(256.0 / 224 * edge));
            return crop is { } centre
                ? (centre, Larger(CropFrom.ShortestEdge(edge), centre))
                : throw new FormatException("size has a shortest edge and nothing is cropped, so pictures would have sizes of their own.");
        }

        private PixelScaling Scaling() => new()
        {
            Rescale = !Flag("do_rescale", otherwise: true) ? 1
                : Member("rescale_factor") is { } factor ? factor.GetDouble()
                : 1.0 / 255,
            Mean = Normalizes ? Channels("image_mean") : [0, 0, 0],
            Std = Normalizes ? Channels("image_std") : [1, 1, 1],
        };

        private bool Normalizes => Flag("do_normalize", Member("image_mean") is not null);

        private Interpolation Filter() => Member("resample") is not { } number
            ? throw new FormatException("resample, the number of Pillow's filter, is missing.")
            : number.GetInt32() is var filter && (uint)filter < Filters.Length
                ? Filters[filter]
                : throw new FormatException($"resample is {filter}, and Pillow's filters are 0 to {Filters.Length - 1}.");

        private double? CropPercentage() => Member("crop_pct") is { } part
            ? part.GetDouble() is > 0 and <= 1 and var value ? value : throw new FormatException($"crop_pct is {part}.")
            : Is("ConvNext") ? 224.0 / 256
            : null;

        private int? ShortestEdge(JsonElement size) => size.ValueKind switch
        {
            JsonValueKind.Number when ReadShortestEdge.Any(Is) => Side("size", size.GetInt32()),
            JsonValueKind.Object when size.TryGetProperty("shortest_edge", out var edge) && size.EnumerateObject().Count() == 1 =>
                Side("size", edge.GetInt32()),
            _ => null,
        };

        private ImageSize? Side(string name) =>
            Member(name) is { } size ? Square(name, size) : throw new FormatException($"{name} is missing.");

        private static ImageSize Square(string name, JsonElement size)
        {
            if (size.ValueKind == JsonValueKind.Number)
                return new(Side(name, size.GetInt32()), Side(name, size.GetInt32()));
            return size.ValueKind == JsonValueKind.Object && size.TryGetProperty("height", out var height)
                && size.TryGetProperty("width", out var width) && size.EnumerateObject().Count() == 2
                ? new(Side(name, height.GetInt32()), Side(name, width.GetInt32()))
                : throw new FormatException($"{name} is {Shown(size)}; a number, height and width, or shortest_edge is read.");
        }

        private static int Side(string name, int side) => side is >= 1 and <= LargestSide
            ? side
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name} is {side} pixels."));

        private static CropFrom Larger(CropFrom crop, ImageSize centre) =>
            crop.Smallest.Height >= centre.Height && crop.Smallest.Width >= centre.Width
                ? crop
                : throw new FormatException($"crop_size is {centre}, which is larger than pictures of {crop}.");

        private double[] Channels(string name)
        {
            if (Member(name) is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() is not (1 or 3))
                throw new FormatException($"{name} is not a list of three numbers.");
            double[] numbers = [.. list.EnumerateArray().Select(n => n.GetDouble())];
            return numbers.Length == 1 ? [numbers[0], numbers[0], numbers[0]] : numbers;
        }

        private bool Flag(string name, bool otherwise) => Member(name) is { } flag ? flag.GetBoolean() : otherwise;

        private bool Is(string processor) => _processor.StartsWith(processor, StringComparison.Ordinal);

        private JsonElement? Member(string name) =>
            root.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

        private static string? Text(string name, JsonElement root) =>
            root.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

        private static string Shown(JsonElement element) => element.GetRawText() is { Length: <= 80 } text ? text : "something long";
    }
}
