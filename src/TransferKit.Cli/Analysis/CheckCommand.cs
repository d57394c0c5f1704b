using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit check</c>, which finds copies, leaks, wrong labels and bad pictures in a data set.</summary>
internal static class CheckCommand
{
    private const int LinesOfKind = 10;

    public static Command Create()
    {
        var folder = new Argument<string?>("folder")
        {
            Description = "A folder with a subfolder of images for each class.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var model = new ModelOptions(includeTop: false, Pooling.Avg);
        var images = new ImageOptions();
        var test = new Option<string?>("--test") { Description = "The folder of the images to test with, for leaks." };
        var features = new Option<string?>("--features")
        {
            Description = "The feature set to keep the features in. Defaults to a folder beside the images: photos.features for photos.",
        };
        var csv = new Option<string?>("--csv")
        {
            Description = "A CSV file of all findings to write.",
            Validators = { OutputPath.Check("--csv", ".csv") },
        };
        var html = new Option<string?>("--html")
        {
            Description = "A page with small pictures to write.",
            Validators = { OutputPath.Check("--html", ".html", ".htm") },
        };
        var json = JsonOption.Create();
        var kinds = new Option<DataFindingKind[]>("--kinds")
        {
            Description = $"The kinds to report: {string.Join(", ", Enum.GetValues<DataFindingKind>().Select(Name))}. Defaults to all.",
            AllowMultipleArgumentsPerToken = true,
            CustomParser = Parse,
        };
        var moveTo = new Option<string?>("--move-to")
        {
            Description = "A folder to move the pictures of --kinds to, with a list that --undo takes. Nothing is moved without it.",
        };
        var undo = new Option<string?>("--undo") { Description = "A list of --move-to, whose pictures go back to their places." };
        var command = new Command("check", "Find copies, leaks into a test, wrong labels and bad pictures in a data set.")
        {
            folder, model.Backbone, model.Weights, model.Seed, model.Alpha, model.InputSize, model.Device, test, features, kinds, csv, html,
            json, moveTo, undo,
        };
        foreach (var option in images.All)
            command.Add(option);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (pictures, list) = (parsed.GetValue(folder), parsed.GetValue(undo));
            if (pictures is null == list is null)
                throw new ArgumentException("check needs a folder of images, or --undo LIST alone.");
            if (list is not null)
            {
                var moved = PictureMoves.Undo(list);
                if (parsed.GetValue(json))
                    Terminal.Json(new { moved_back = moved });
                else
                    Terminal.Line($"Moved {moved} pictures back.");
                return;
            }
            var chosen = parsed.GetValue(kinds) is { Length: > 0 } some ? some : Enum.GetValues<DataFindingKind>();
            if (parsed.GetValue(moveTo) is not null && parsed.GetResult(kinds) is null)
                throw new ArgumentException("--move-to needs --kinds, which says what to move, such as --kinds duplicate near_duplicate.");
            var network = model.Read(parsed, Images(images, parsed));
            var report = (await RunAsync(parsed, pictures!, network, cancellationToken).ConfigureAwait(false)).Of(chosen);
            if (parsed.GetValue(csv) is { } table)
                report.SaveCsv(table);
            if (parsed.GetValue(html) is { } page)
                report.SaveHtml(page);
            if (parsed.GetValue(json))
                Terminal.Text(report.ToJson());
            else
                Print(report);
            if (parsed.GetValue(moveTo) is { } target)
            {
                Terminal.Error(PictureMoves.Move(report.Findings, target) is { } moves
                    ? $"Moved pictures to {target}; transferkit check --undo {moves} moves them back."
                    : "There was no picture to move.");
            }
        });
        return command;

        async Task<DataReport> RunAsync(
            ParseResult parsed, string pictures, (string Name, BackboneOptions Options) network, CancellationToken cancellationToken)
        {
            using var backbone = await Terminal.LoadAsync(network.Name, network.Options, cancellationToken).ConfigureAwait(false);
            var tests = parsed.GetValue(test);
            var options = new DataCheckOptions
            {
                TestFolder = tests,
                Features = parsed.GetValue(features) ?? Beside(pictures),
                TestFeatures = tests is null ? null : Beside(tests),
            };
            return await Terminal.CheckAsync(pictures, backbone, options, cancellationToken).ConfigureAwait(false);
        }
    }

    // Nearest, Keras' default filter, sees a photo and its small copy by other pixels.
    private static ImageLoadOptions Images(ImageOptions images, ParseResult parsed)
    {
        var options = images.Read(parsed);
        return parsed.GetValue(images.Interpolation) is null ? options with { Interpolation = Interpolation.Bilinear } : options;
    }

    private static string Beside(string folder) => $"{Path.TrimEndingDirectorySeparator(folder)}.features";

    private static void Print(DataReport report)
    {
        foreach (var omitted in report.Omitted)
            Terminal.Error(omitted);
        Terminal.Line($"{report.Pictures} pictures");
        foreach (var kind in report.Findings.GroupBy(f => f.Kind))
        {
            var count = kind.Count();
            Terminal.Line($"{Name(kind.Key)}: {count}");
            foreach (var finding in kind.Take(LinesOfKind))
                Terminal.Line($"  {finding.Path}  {finding.Message}");
            if (count > LinesOfKind)
                Terminal.Line($"  … and {count - LinesOfKind} more: --csv FILE and --json have all.");
        }
        if (report.Findings.Count == 0)
            Terminal.Line("No findings.");
    }

    private static string Name(DataFindingKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{kind}");

    private static DataFindingKind[] Parse(ArgumentResult result)
    {
        var kinds = new List<DataFindingKind>();
        foreach (var text in result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries)))
        {
            var found = Enum.GetValues<DataFindingKind>().Where(k => Name(k).Equals(text, StringComparison.OrdinalIgnoreCase)).ToArray();
            if (found is not [var kind])
            {
                result.AddError($"--kinds is '{text}'; it must be of {string.Join(", ", Enum.GetValues<DataFindingKind>().Select(Name))}.");
                return [];
            }
            kinds.Add(kind);
        }
        return [.. kinds.Distinct()];
    }
}
