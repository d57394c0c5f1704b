using TransferKit.Backbones.Whole;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Training.Forms;

/// <summary>
/// Reads the random layers at the beginning of a whole model as augmentation of the pictures, which gives the same pictures: flips,
/// rotations, zooms and shifts commute with a change of scale.
/// </summary>
internal static class FileAugmentation
{
    /// <exception cref="KerasModelException">A layer that is random in training is not supported; the message names it.</exception>
    public static IReadOnlyDictionary<Layer, Augmentation> Of(WholeModel model)
    {
        var found = new Dictionary<Layer, Augmentation>();
        var isScaled = model.Preprocess.Mode != PreprocessMode.None;
        var graph = model.Graph;
        foreach (var (before, layer) in graph.Layers.Zip(graph.Layers.Skip(1)))
        {
            var isNext = layer.Inputs is [var only] && only == before && graph.Layers.Count(l => l.Inputs.Contains(before)) == 1;
            var isScale = layer.Op is Rescaling or Normalization or Arithmetic or AddConstant or MultiplyConstant;
            if (!isNext || !(isScale || layer.Op is PassThrough or GreyChannel))
                break;
            if (layer.Op is not PassThrough { ChangesInTraining: true })
                isScaled |= isScale;
            else if (!layer.RunsInInference && Read(model, layer, isScaled) is { } augmentation)
                found.Add(layer, augmentation);
        }
        foreach (var layer in graph.Layers.Where(l => !l.RunsInInference && !found.ContainsKey(l)))
        {
            if (layer.Op is PassThrough { ChangesInTraining: true } op)
            {
                throw new KerasModelException(model.File.Name, layer.Name, $"({op.ClassName}) cannot be trained here. TransferKit trains "
                    + "Dropout anywhere, and at the beginning RandomFlip, RandomRotation, RandomZoom, RandomTranslation, and on pixels of "
                    + "0 to 255 RandomContrast and RandomBrightness, with factors that are the same to both sides.");
            }
        }
        return found;
    }

    private static Augmentation? Read(WholeModel model, Layer layer, bool isScaled)
    {
        var config = new LayerConfig(model.File.Graph.Origins[layer].Entry.Config, [layer.OutputShape]);
        var isLight = layer.Op is PassThrough { ClassName: "RandomContrast" or "RandomBrightness" };
        var fill = Fill(config.Text("fill_mode", "reflect"));
        var isSupported = isLight
            ? !isScaled && config.Numbers("value_range") is null or [0, 255]
            : fill is { } mode && !(mode == FillMode.Constant && (isScaled || config.Number("fill_value", 0) != 0))
                && config.Text("interpolation", "bilinear") == "bilinear";
        if (!isSupported)
            return null;
        return ((PassThrough)layer.Op).ClassName switch
        {
            "RandomFlip" => config.Text("mode", "horizontal_and_vertical") switch
            {
                "horizontal" => new RandomFlip(FlipMode.Horizontal),
                "vertical" => new RandomFlip(FlipMode.Vertical),
                _ => new RandomFlip(),
            },
            "RandomRotation" => Factor("factor") is { } f ? new RandomRotation(f, fill!.Value) : null,
            "RandomZoom" when !config.Has("width_factor") => Factor("height_factor") is { } f ? new RandomZoom(f, null, fill!.Value) : null,
            "RandomZoom" => Factor("height_factor") is { } h && Factor("width_factor") is { } w ? new RandomZoom(h, w, fill!.Value) : null,
            "RandomTranslation" => Factor("height_factor") is { } h && Factor("width_factor") is { } w
                ? new RandomTranslation(h, w, fill!.Value)
                : null,
            "RandomContrast" => Factor("factor") is { } f ? new RandomContrast(f) : null,
            "RandomBrightness" => Factor("factor") is { } f ? new RandomBrightness(f) : null,
            _ => null,
        };

        // Keras writes a symmetric factor as (-0.1, 0.1), and that of a contrast as (0.1, 0.1).
        double? Factor(string key) => config.Numbers(key) switch
        {
            [var one] when one is >= 0 and <= 1 => one,
            [var low, var high] when Math.Abs(low) == high && high <= 1 => high,
            _ => null,
        };
    }

    private static FillMode? Fill(string name) => Enum.TryParse<FillMode>(name, ignoreCase: true, out var fill) ? fill : null;
}
