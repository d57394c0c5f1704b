using System.CommandLine;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit models</c>, which describes every network, to choose one by.</summary>
internal static class ModelsCommand
{
    private static readonly TimeSpan MeasuringTime = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, Func<BackboneInfo, double>> Orders = new()
    {
        ["top1"] = m => -(m.Published.Top1 ?? 0),
        ["size"] = m => m.Megabytes,
        ["madds"] = m => m.MultiplyAdds,
        ["features"] = m => m.Features,
    };

    public static Command Create()
    {
        var json = JsonOption.Create("with stages, papers, sources and weight files");
        var files = new Option<bool>("--files") { Description = "Print the names of Keras' weight files, and whether they are cached." };
        var markdown = new Option<bool>("--markdown") { Description = "Print the table as Markdown." };
        var sort = new Option<string>("--sort") { Description = $"The order: {string.Join(", ", Orders.Keys)}. Defaults to Keras' own." };
        var minTop1 = new Option<double?>("--min-top1") { Description = "Only networks of at least this accuracy on ImageNet (%)." };
        var maxMegabytes = new Option<double?>("--max-mb") { Description = "Only networks whose weights take at most so many MB." };
        var license = new Option<string>("--license") { Description = "Only networks with weights of this licence, such as Apache-2.0." };
        var maxTime = new Option<double?>("--max-ms")
        {
            Description = "Only networks that take at most so many milliseconds for a picture on this machine, which measures them.",
        };
        var command = new Command(
            "models", "List networks: size, cost, accuracy, features, licence of their weights, and whether they are cached.")
        {
            sort, minTop1, maxMegabytes, license, maxTime, json, files, markdown,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var order = parsed.GetValue(sort) ?? (parsed.GetValue(maxTime) is null ? null : "top1");
            if (order is not null && !Orders.ContainsKey(order))
                throw new ArgumentException($"--sort is '{order}'; it must be one of {string.Join(", ", Orders.Keys)}.");
            var chosen = Backbone.All.Where(m =>
                !(m.Published.Top1 < parsed.GetValue(minTop1)) && (parsed.GetValue(minTop1) is null || m.Published.Top1 is not null)
                && !(m.Megabytes > parsed.GetValue(maxMegabytes))
                && (parsed.GetValue(license) is not { } name || string.Equals(m.License?.Name, name, StringComparison.OrdinalIgnoreCase)));
            if (order is not null)
                chosen = chosen.OrderBy(Orders[order]);
            var store = new WeightStore(StoreOptions.Read(parsed));
            var times = new Dictionary<string, double>();
            var models = parsed.GetValue(maxTime) is { } most
                ? [.. chosen.Where(m => (times[m.Name] = Milliseconds(m, cancellationToken)) <= most)]
                : chosen.ToList();
            if (parsed.GetValue(json))
                Terminal.Json(models.Select(m => Describe(m, times, store)));
            else if (parsed.GetValue(files))
                PrintFiles(models, store);
            else
                Print(models, times, store, parsed.GetValue(markdown));
            if (models.Count == 0)
                Terminal.Error("No network satisfies these options.");
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    // Random weights compute as fast as Keras', and need no download.
    private static double Milliseconds(BackboneInfo model, CancellationToken cancellationToken)
    {
        Terminal.Error($"measuring {model.Name}");
        using var backbone = Backbone.Load(model.Name, new()
        {
            IncludeTop = false,
            Pooling = Pooling.Avg,
            Weights = Weights.Random(0),
            CacheCompiledModel = false,
        }, cancellationToken: cancellationToken);
        return 1000 / BackboneSpeed.Measure(backbone, [1], MeasuringTime, cancellationToken)[0].ImagesPerSecond;
    }

    // Markdown is for documentation, which must not depend on the cache or the speed of one machine.
    private static void Print(List<BackboneInfo> models, Dictionary<string, double> times, WeightStore store, bool markdown)
    {
        string[] headers = ["Name", "Input", "Features", "M params", "MB", "G madds", "Top-1", "Top-5", "Depth", "Pixels", "Licence"];
        var table = new TextTable([.. headers, .. markdown ? [] : (string[])["Cached"], .. times.Count == 0 ? [] : (string[])["ms"]])
        {
            Dispensable = ["Top-5", "Depth", "Pixels", "G madds", "M params", "Input", "Licence", "Features", "Cached"],
        };
        foreach (var model in models)
        {
            table.Add(
            [
                model.Name, model.InputSize.ToString(), Text(model.Features, "0"), Text(model.Parameters / 1e6, "0.0"),
                Text(model.Megabytes, "0"), Text(model.MultiplyAdds / 1e9, "0.00"), Text(model.Published.Top1, "0.0"),
                Text(model.Published.Top5, "0.0"), Text(model.Published.Depth, "0"), Preprocessing(model), model.License?.Name ?? "-",
                .. markdown ? [] : (string[])[Cached(model, store)], .. times.Count == 0 ? [] : (string[])[Text(times[model.Name], "0.0")],
            ]);
        }
        table.Print(markdown);
    }

    private static void PrintFiles(List<BackboneInfo> models, WeightStore store)
    {
        var table = new TextTable(["Name", "File with top", "File without top", "Cached"]);
        foreach (var model in models)
            table.Add([model.Name, model.WeightsFile ?? "-", model.WeightsFileNoTop ?? "-", Cached(model, store)]);
        table.Print(markdown: false);
    }

    private static object Describe(BackboneInfo model, Dictionary<string, double> times, WeightStore store) => new
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
        cached = model.IsCached(includeTop: true, store),
        cached_no_top = model.IsCached(includeTop: false, store),
        milliseconds = times.TryGetValue(model.Name, out var time) ? Math.Round(time, 1) : (double?)null,
    };

    private static string Preprocessing(BackboneInfo model) =>
        model.Preprocess == PreprocessMode.None ? "inside" : model.Preprocess.ToString().ToLowerInvariant();

    private static string Cached(BackboneInfo model, WeightStore store) =>
        model.WeightsFile is null ? "-" : (model.IsCached(includeTop: true, store), model.IsCached(includeTop: false, store)) switch
        {
            (true, true) => "both",
            (true, false) => "top",
            (false, true) => "no top",
            _ => "no",
        };

    private static string Text(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
