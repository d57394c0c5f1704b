using System.CommandLine;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary>
/// Implements <c>transferkit weights show</c>, which prints what a weight file holds and which backbones can be loaded from it.
/// </summary>
internal static class WeightsShowCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "A file of Keras: .keras, .h5, .weights.h5 or .weights.json." };
        var json = JsonOption.Create("with every layer and shape");
        var layers = new Option<bool>("--layers") { Description = "Print every layer with its shapes." };
        var command = new Command("show", "Print what a weight file holds, and which backbones can be loaded from it.")
        {
            file, json, layers,
        };
        command.SetAction(parsed =>
        {
            var info = WeightFileInfo.Read(parsed.GetRequiredValue(file));
            if (parsed.GetValue(json))
                Terminal.Json(Describe(info));
            else
                Print(info, parsed.GetValue(layers));
        });
        return command;
    }

    private static void Print(WeightFileInfo info, bool layers)
    {
        Terminal.Line($"{info.File}: {info.Format}, {(info.KerasVersion is { } version ? $"Keras {version}" : "no version noted")}");
        var table = new TextTable(["Model", "Name", "Layers", "Parameters"]);
        foreach (var model in info.Models)
        {
            table.Add([
                model.Path.Length == 0 ? "(the file's own)" : model.Path, model.Name ?? "-",
                model.Layers.Count.ToString(CultureInfo.InvariantCulture), Parameters(model).ToString("N0", CultureInfo.InvariantCulture)]);
        }
        table.Print(markdown: false);
        if (layers)
        {
            foreach (var layer in info.Models.SelectMany(m => m.Layers.Where(l => !l.IsModel).Select(l => (m.Path, l))))
            {
                var place = layer.Path.Length == 0 ? layer.l.Name : $"{layer.Path}: {layer.l.Name}";
                Terminal.Line($"{place}  {string.Join("  ", layer.l.Shapes.Select(Text))}");
            }
        }
        foreach (var use in info.Uses)
        {
            var place = use.Model.Length == 0 ? "The file's own model" : use.Model;
            var unused = use.UnusedLayers.Count == 0 ? "" : $"; not used: {string.Join(", ", use.UnusedLayers)}";
            Terminal.Line($"{place} is {use.Application}: {Flags(info.File, use)}{unused}");
        }
        if (info.Uses.Count == 0)
        {
            Terminal.Line(
                "No application of Keras has these shapes. A model of your own can be opened whole, if its configuration was saved.");
        }
    }

    private static string Flags(string file, WeightFileUse use)
    {
        var options = use.Options;
        var flags = $"--backbone {use.Application} --weights {file}";
        if (options.Alpha is { } alpha)
            flags += $" --alpha {alpha.ToString(CultureInfo.InvariantCulture)}";
        if (!options.IncludeTop)
            return $"{flags} --no-top";
        return options.Classes == 1000 ? $"{flags} --include-top" : $"{flags} --include-top --classes {options.Classes}";
    }

    private static object Describe(WeightFileInfo info) => new
    {
        file = info.File,
        format = info.Format,
        keras_version = info.KerasVersion,
        models = info.Models.Select(m => new
        {
            path = m.Path,
            name = m.Name,
            parameters = Parameters(m),
            layers = m.Layers.Select(l => new { name = l.Name, is_model = l.IsModel, shapes = l.Shapes }),
        }),
        uses = info.Uses.Select(u => new
        {
            application = u.Application,
            model = u.Model,
            include_top = u.Options.IncludeTop,
            classes = u.Options.IncludeTop ? u.Options.Classes : (int?)null,
            alpha = u.Options.Alpha,
            minimalistic = u.Options.Minimalistic,
            unused_layers = u.UnusedLayers,
        }),
    };

    private static long Parameters(WeightFileModel model) => model.Layers.Sum(l => l.Parameters);

    private static string Text(IReadOnlyList<long> shape) => shape.Count == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape)})";
}
