using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>
/// Implements <c>transferkit weights</c>, which lists, fills, verifies and transfers the cache of weights, and shows weight files.
/// </summary>
internal sealed class WeightsCommand
{
    private readonly ModelOptions _model = new(includeTop: true);
    private readonly Argument<string[]> _names = new("names")
    {
        Description = "Keras' names of networks.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Argument<string> _bundle = new("bundle") { Description = "The .zip file to read." };

    private readonly Argument<string> _newBundle = new("bundle")
    {
        Description = "The .zip file to write.",
        Validators = { OutputPath.Check("bundle", ".zip") },
    };

    private readonly Option<bool> _json = JsonOption.Create();

    public static Command Create() => new WeightsCommand().Build();

    private Command Build() =>
        new("weights", "List, download, verify and remove cached weights, transfer them to other machines, or show what a file holds.")
    {
        Command("list", "List the cached weight files and their states.", [_json], List),
        Command("path", "Print the path of a weight file in the cache, whether or not it exists.", [.. ForNames(), _json], Path),
        Command("pull", "Download weights ahead of time.", [.. ForNames(), _json], PullAsync),
        Command("verify", "Verify the hashes of cached files and compiled models; exit code 3 if one is wrong.", [_json], VerifyAsync),
        Command("remove", "Remove weights and incomplete downloads from the cache.", [.. ForNames(), _json], RemoveAsync),
        Command(
            "export", "Write weights to one .zip file, and download missing ones first.", [_newBundle, .. ForNames(), _json], ExportAsync),
        WeightsShowCommand.Create(),
        Command("import", "Verify the weights of an exported .zip file and add them to the cache.", [_bundle, _json], ImportAsync),
    };

    private IEnumerable<Symbol> ForNames() => [_names, _model.IncludeTop, _model.NoTop, _model.Alpha, _model.InputSize];

    private static Command Command(
        string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }
        command.SetAction(run);
        return command;
    }

    private Task<int> List(ParseResult parsed, CancellationToken cancellationToken)
    {
        var store = Store(parsed);
        var files = store.List();
        Print(parsed, files);
        if (files.Count == 0 && !parsed.GetValue(_json))
            Terminal.Line($"No weights in {store.CacheDirectory}.");
        if (files.Count > 1 && !parsed.GetValue(_json))
            Terminal.Line(FormattableString.Invariant($"{files.Count} files, {files.Sum(f => f.Size) / 1e6:0.0} MB"));
        return Task.FromResult(0);
    }

    private Task<int> Path(ParseResult parsed, CancellationToken cancellationToken)
    {
        var store = Store(parsed);
        PrintPaths(parsed, [.. Files(parsed).Select(file => store.PathOf(file))]);
        return Task.FromResult(0);
    }

    private async Task<int> PullAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        // Unknown names are an error before the first download.
        Files(parsed);
        var paths = new List<string>();
        foreach (var (name, options) in Models(parsed))
        {
            paths.Add(await Terminal.FetchAsync(Store(parsed), name, options, cancellationToken).ConfigureAwait(false));
            if (!parsed.GetValue(_json))
                Terminal.Text(paths[^1]);
        }
        if (parsed.GetValue(_json))
            PrintPaths(parsed, paths);
        return 0;
    }

    private async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var files = await Store(parsed).VerifyAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        Print(parsed, files);
        var wrong = files.Where(f => f.State == CachedWeightsState.Wrong).ToArray();
        foreach (var file in wrong)
            Terminal.Error($"wrong: {file.Path}: {file.Problem}");
        var unverified = files.Count(f => f.State == CachedWeightsState.Unverified);
        if (!parsed.GetValue(_json))
        {
            var more = unverified == 0 ? "" : $", {unverified} unverified (unknown hash)";
            Terminal.Line($"{files.Count - wrong.Length - unverified} verified, {wrong.Length} wrong{more}.");
        }
        return wrong.Length == 0 ? ExitCode.Success : ExitCode.Permanent;
    }

    private async Task<int> RemoveAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var removed = new List<(string File, bool Was)>();
        foreach (var file in Files(parsed))
        {
            var was = await Store(parsed).RemoveAsync(file, cancellationToken: cancellationToken).ConfigureAwait(false);
            removed.Add((file, was));
            if (!parsed.GetValue(_json))
                Terminal.Line($"{(was ? "removed" : "not cached")}: {file}");
        }
        if (parsed.GetValue(_json))
            Terminal.Json(removed.Select(r => new { file = r.File, removed = r.Was }));
        return 0;
    }

    private async Task<int> ExportAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (target, files) = (parsed.GetRequiredValue(_newBundle), Files(parsed));
        await Terminal.ExportWeightsAsync(Store(parsed), target, files, cancellationToken).ConfigureAwait(false);
        var size = new FileInfo(target).Length;
        if (parsed.GetValue(_json))
            Terminal.Json(new { file = target, weights = files, size });
        else
            Terminal.Line($"{target}: {Terminal.Count(files.Count, "file")}, {size / 1e6:0.0} MB");
        return 0;
    }

    private async Task<int> ImportAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var bundle = parsed.GetRequiredValue(_bundle);
        var files = await Terminal.ImportWeightsAsync(Store(parsed), bundle, cancellationToken).ConfigureAwait(false);
        PrintPaths(parsed, [.. files.Select(f => f.Path)]);
        return 0;
    }

    private void PrintPaths(ParseResult parsed, IReadOnlyList<string> paths)
    {
        if (parsed.GetValue(_json))
        {
            Terminal.Json(paths.Select(path => new { path }));
            return;
        }
        foreach (var path in paths)
            Terminal.Text(path);
    }

    private IEnumerable<(string Name, BackboneOptions Options)> Models(ParseResult parsed) =>
        parsed.GetRequiredValue(_names).Select(name => _model.Read(parsed, name: name));

    private List<string> Files(ParseResult parsed) =>
        [.. Models(parsed).Select(m => WeightStore.WeightsFile(m.Name, m.Options)).Distinct()];

    private static WeightStore Store(ParseResult parsed) => new(StoreOptions.Read(parsed));

    private void Print(ParseResult parsed, IReadOnlyList<CachedWeights> files)
    {
        if (parsed.GetValue(_json))
        {
            Terminal.Json(files.Select(f => new
            {
                file = f.File,
                path = f.Path,
                state = Text(f.State),
                size = f.Size,
                hash = f.Hash,
                problem = f.Problem,
                rejected = f.RejectedPath,
            }));
            return;
        }
        foreach (var file in files)
        {
            Terminal.Line($"{Text(file.State),-10} {file.Size / 1e6,8:0.0} MB  {file.Path}");
            if (file.RejectedPath is { } rejected && file.State != CachedWeightsState.Rejected)
                Terminal.Line($"{"rejected",-10} {"",11}  {rejected}");
        }
    }

    private static string Text(CachedWeightsState state) => state.ToString().ToLowerInvariant();
}
