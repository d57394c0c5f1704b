using System.CommandLine;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit models</c>, which describes every network, to choose one by.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON, with stages, papers, sources and weight files." };
        var files = new Option<bool>("--files") { Description = "Print the names of Keras' weight files, and whether they are cached." };
        var markdown = new Option<bool>("--markdown") { Description = "Print the table as Markdown." };
        var command = new Command(
            "models", "List every network: size, cost, accuracy, features, licence of its weights, and whether they are cached.")
        {
            json, files, markdown,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
                Terminal.Json(Backbone.All.Select(Describe));
            else if (parsed.GetValue(files))
                PrintFiles();
            else
                Print(parsed.GetValue(markdown));
        });
        return command;
    }

    // Markdown is for documentation, which must not depend on the cache of one machine.
    private static void Print(bool markdown)
    {
        string[] headers = ["Name", "Input", "Features", "M params", "MB", "G madds", "Top-1", "Top-5", "Depth", "Pixels", "Licence"];
        var table = new TextTable(markdown ? headers : [.. headers, "Cached"]);
        foreach (var model in Backbone.All)
        {
            string[] cells =
            [
                model.Name, model.InputSize.ToString(), Text(model.Features, "0"), Text(model.Parameters / 1e6, "0.0"),
                Text(model.Megabytes, "0"), Text(model.MultiplyAdds / 1e9, "0.00"), Text(model.Published.Top1, "0.0"),
                Text(model.Published.Top5, "0.0"), Text(model.Published.Depth, "0"), Preprocessing(model), model.License?.Name ?? "-",
            ];
            table.Add(markdown ? cells : [.. cells, Cached(model)]);
        }
        table.Print(markdown);
    }

    private static void PrintFiles()
    {
        var table = new TextTable(["Name", "File with top", "File without top", "Cached"]);
        foreach (var model in Backbone.All)
            table.Add([model.Name, model.WeightsFile ?? "-", model.WeightsFileNoTop ?? "-", Cached(model)]);
        table.Print(markdown: false);
    }

    private static object Describe(BackboneInfo model) => new
    {
        name = model.Name,
        keras_name = model.KerasName,
        input_size = new[] { model.InputSize.Height, model.InputSize.Width },
        minimum_size = model.MinimumSize,
        features = model.Features,
        parameters = model.Parameters,
        parameters_no_top = model.ParametersNoTop,
        megabytes = Math.Round(model.Megabytes, 2),
        multiply_adds = model.MultiplyAdds,
        published = new
        {
            megabytes = model.Published.Megabytes,
            top1 = model.Published.Top1,
            top5 = model.Published.Top5,
            depth = model.Published.Depth,
            source = model.Published.Source,
        },
        preprocess = model.Preprocess.ToString().ToLowerInvariant(),
        alphas = model.Alphas,
        stages = Backbone.Stages(model.Name).Select(s => new { layer = s.Layer, channels = s.Channels, reduction = s.Reduction }),
        paper = new { title = model.Paper.Title, url = model.Paper.Url },
        license = model.License is { } license ? new { name = license.Name, stated_by = license.StatedBy } : null,
        weights_file = model.WeightsFile,
        weights_file_no_top = model.WeightsFileNoTop,
        cached = model.IsCached(includeTop: true),
        cached_no_top = model.IsCached(includeTop: false),
    };

    private static string Preprocessing(BackboneInfo model) =>
        model.Preprocess == PreprocessMode.None ? "inside" : model.Preprocess.ToString().ToLowerInvariant();

    private static string Cached(BackboneInfo model) =>
        model.WeightsFile is null ? "-" : (model.IsCached(includeTop: true), model.IsCached(includeTop: false)) switch
        {
            (true, true) => "both",
            (true, false) => "top",
            (false, true) => "no top",
            _ => "no",
        };

    private static string Text(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
