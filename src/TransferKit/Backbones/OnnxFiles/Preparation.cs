using TransferKit.Onnx.Reading;
using static Onnx.TensorProto.Types;

namespace TransferKit.Backbones.OnnxFiles;

/// <summary>
/// Represents how pictures become the input of an ONNX file: by the caller's options, the configuration beside it, or the file.
/// </summary>
internal sealed record Preparation(ImageSize Size, ImageLoadOptions Images, PixelScaling Scaling)
{
    public PixelArithmetic Arithmetic =>
        new((float)Scaling.Rescale, [.. Scaling.Means.Select(m => (float)m)], [.. Scaling.Deviations.Select(s => (float)s)]);

    /// <exception cref="OnnxModelException">The size or the scaling is said nowhere, or the file has another size.</exception>
    public static Preparation Of(OnnxFile file, ImageInput input, OnnxOptions options)
    {
        var isTold = options is { Images: not null, Scaling: not null };
        var path = options.PreprocessorConfig ?? (isTold ? null : PreprocessorConfig.Beside(file.Path));
        var config = path is null ? null : PreprocessorConfig.Read(path);
        // A model whose input is bytes cannot be given scaled numbers.
        var scaling = options.Scaling ?? config?.Scaling ?? (input.Type == DataType.Uint8 ? PixelScaling.None : null)
            ?? throw new OnnxModelException(
                file.Path, $"nothing says how its pixels are scaled. Put its {PreprocessorConfig.FileName} beside it, or give "
                + "OnnxOptions.Scaling: PixelScaling.ImageNet as torchvision's models, or PixelScaling.None for pixels of 0 to 255.");
        if (input.Type == DataType.Uint8 && !scaling.IsNone)
        {
            throw new OnnxModelException(
                file.Path, $"its input '{input.Name}' is bytes, and the scaling {scaling} gives fractions. Use PixelScaling.None.");
        }
        var given = options.InputSize ?? config?.Size;
        var size = new ImageSize(Side(input.Height, given?.Height), Side(input.Width, given?.Width));
        var images = options.Images ?? config?.Images ?? ImageLoadOptions.Default;
        images.FittingTo(size);
        return new(size, images, scaling);

        int Side(int? own, int? wanted) => (own, wanted) switch
        {
            (null, null) => throw new OnnxModelException(
                file.Path, $"its input '{input.Name}' takes pictures of any size. Give OnnxOptions.InputSize (--input-size), or put its "
                + $"{PreprocessorConfig.FileName} beside it."),
            (null, { } side) => side,
            ({ } side, null) => side,
            _ when own == wanted => own.Value,
            _ => throw new OnnxModelException(
                file.Path, $"its input '{input.Name}' takes pictures of {input.Height?.ToString() ?? "any height"} x "
                + $"{input.Width?.ToString() ?? "any width"}, and {(options.InputSize is null ? $"'{path}'" : "OnnxOptions.InputSize")} "
                + $"says {given}."),
        };
    }
}
