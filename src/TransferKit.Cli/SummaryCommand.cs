using System.CommandLine;
using System.Globalization;
using TransferKit.Common;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit summary</c>, which prints a backbone's layer table without loading weights.</summary>
internal static class SummaryCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "Keras' name of the network.", Arity = ArgumentArity.ZeroOrOne };
        var whole = new WholeModelOptions("a name");
        var model = new ModelOptions(includeTop: true);
        var boxed = new Option<bool>("--boxed") { Description = "Print the boxes of Keras 3 instead of the lines of Keras 2." };
        var json = JsonOption.Create("with each layer's weights and configuration");
        var command = new Command("summary", "Print a network's layers, shapes and parameters.")
        {
            name, model.Alpha, model.IncludeTop, model.NoTop, model.Pooling, model.InputSize, model.Classes, boxed, json,
            whole.Model,
        };

        command.SetAction(parsed =>
        {
            var path = whole.ReadPath(parsed, name, model.Alpha, model.IncludeTop, model.NoTop, model.Pooling, model.Classes);
            var (backbone, options) = model.Read(parsed, name: path ?? parsed.GetRequiredValue(name));
            // A table needs no weights, and ImageNet weights would refuse other sizes and numbers of classes.
            var summary = path is null ? Backbone.Summary(backbone, options with { Weights = Weights.None })
                : OnnxModels.Is(path) ? OfOnnx(path, options.InputSize)
                : TrainedModel.IsSavedAt(path) ? Trained(path)
                : KerasModel.Summary(path, new() { InputSize = options.InputSize });
            if (parsed.GetValue(json))
                Terminal.Json(Describe(summary));
            else
                Print(summary, parsed.GetValue(boxed) ? SummaryStyle.Boxed : SummaryStyle.Classic);
        });
        return command;
    }

    // Keras' tables have a width of their own, which a narrow terminal breaks into pieces.
    private static void Print(ModelSummary summary, SummaryStyle style)
    {
        var text = summary.ToString(style);
        if (text.Split('\n').Max(line => line.TrimEnd().Length) <= TextWrap.Columns(Console.IsOutputRedirected))
        {
            Console.Write(text);
            return;
        }
        var table = new TextTable("Layer", "Type", "Output", "Params", "Connected to") { Dispensable = ["Connected to", "Type"] };
        foreach (var layer in summary.Layers)
        {
            table.Add(
                Printable.Of(layer.Name), Printable.Of(layer.Type), string.Join(" x ", layer.OutputShape),
                layer.Parameters.ToString("N0", CultureInfo.InvariantCulture), Printable.Of(string.Join(", ", layer.Inbound)));
        }
        Terminal.Line($"Model: {summary.ModelName}");
        table.Print(markdown: false);
        Terminal.Line(FormattableString.Invariant($"Total params: {summary.TotalParameters:N0}"));
        Terminal.Line(FormattableString.Invariant($"Trainable params: {summary.TrainableParameters:N0}"));
        Terminal.Line(FormattableString.Invariant($"Non-trainable params: {summary.NonTrainableParameters:N0}"));
    }

    private static ModelSummary Trained(string path)
    {
        using var model = TrainedModel.Load(path);
        return model.Summary();
    }

    // The table does not depend on how pixels are prepared.
    private static ModelSummary OfOnnx(string path, ImageSize? size)
    {
        using var model = Backbone.FromOnnx(
            path, new() { InputSize = size, Images = new(), Scaling = PixelScaling.None, CacheCompiledModel = false });
        return model.Summary();
    }

    private static object Describe(ModelSummary summary) => new
    {
        name = summary.ModelName,
        total_params = summary.TotalParameters,
        trainable_params = summary.TrainableParameters,
        non_trainable_params = summary.NonTrainableParameters,
        layers = summary.Layers.Select(l => new
        {
            name = l.Name,
            type = l.Type,
            output_shape = l.OutputShape.Select(d => (int?)d).Prepend(null),
            @params = l.Parameters,
            weights = l.Weights.Select(w => new object[] { w.Name, w.Shape, w.Trainable }),
            inbound = l.Inbound,
            config = l.Config,
        }),
    };
}
