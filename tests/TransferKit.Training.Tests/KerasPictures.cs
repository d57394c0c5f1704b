using TransferKit.Imaging.Skia;
using TransferKit.Tests;
using TransferKit.Training.Torch;

namespace TransferKit.Training.Tests;

/// <summary>Creates the pictures, targets and models that <c>goldens/training/make.py</c> trains with real Keras.</summary>
internal sealed class KerasPictures : IDisposable
{
    public const int Side = 64, Count = 12;
    private const int Classes = 3, Coarse = 4;
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-keras-").FullName;

    public KerasPictures()
    {
        var (noise, pattern) = (FormulaWeights.Input(Count, Side, Side), FormulaWeights.Input(Count, Coarse, Coarse));
        for (var i = 0; i < Count; i++)
        {
            var pixels = new byte[Side * Side * 3];
            for (var at = 0; at < pixels.Length; at++)
            {
                var (y, x, channel) = (at / 3 / Side, at / 3 % Side, at % 3);
                var block = ((i * Coarse + y * Coarse / Side) * Coarse + x * Coarse / Side) * 3 + channel;
                pixels[at] = (byte)((3 * (int)pattern[block] + (int)noise[i * pixels.Length + at]) / 4);
            }
            File.WriteAllBytes(Path.Combine(_folder, $"{i:00}.png"), PictureEncoder.Png(RgbImage.FromRgb24(Side, Side, pixels)));
        }
    }

    /// <summary>Opens the pictures with the targets of a task.</summary>
    public ImageFolder Open(ModelTask task)
    {
        var table = Path.Combine(_folder, $"{task}.csv");
        var columns = task == ModelTask.Regression ? "file,target_x,target_y" : "file,label";
        var rows = Enumerable.Range(0, Count).Select(i => FormattableString.Invariant($"{i:00}.png,{Target(i)}"));
        File.WriteAllLines(table, [columns, .. rows]);
        return ImageFolder.Open(table);

        string Target(int i) => task switch
        {
            ModelTask.MultiClass => $"c{i % Classes}",
            ModelTask.Binary => $"c{i % 2}",
            ModelTask.MultiLabel => string.Join(
                '|', Enumerable.Range(0, Classes).Where(bit => (i >> bit & 1) == 1).Select(bit => $"c{bit}")),
            _ => FormattableString.Invariant($"{i / 4.0 - 1},{i % 5 / 2.0}"),
        };
    }

    /// <summary>Creates the model: the real weights in the backbone, those of the formula in the head.</summary>
    public static TransferModel Model(TrainingSteps steps, ImageFolder images)
    {
        var model = TransferModel.Create("mobilenet_v2", images.Classes, new()
        {
            Backbone = new() { Weights = MobileNetV2Weights.Alpha035NoTop, Alpha = 0.35, InputSize = (Side, Side) },
            Head = Head.Parse(steps.Head),
            Task = steps.ModelTask,
        });
        using var formula = new FormulaWeights(0.8);
        var values = model.Graph.Snapshot().Values.ToDictionary();
        foreach (var layer in model.Graph.Graph.Layers.Where(model.Learns).Where(l => !l.Weights.IsEmpty))
        {
            values[layer.Name] = [.. layer.Weights.Select(slot =>
            {
                var numbers = new float[slot.Count];
                formula.Read(layer, slot, 0, numbers);
                return numbers;
            })];
        }
        using var weights = new WeightSnapshot(values);
        model.Graph.Load(weights);
        model.BatchNormalizationMomentum = 0.9;
        model.BatchNormalization = steps.Freeze.EndsWith("inference", StringComparison.Ordinal)
            ? BatchNormalizationMode.Inference : BatchNormalizationMode.WhereTrained;
        switch (steps.Freeze.Split(' ')[0])
        {
            case "block":
                model.FineTuneFrom("block_16_expand");
                break;
            case "all":
                model.FineTuneAll();
                break;
        }
        return model;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
