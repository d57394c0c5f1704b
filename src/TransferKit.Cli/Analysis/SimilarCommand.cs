using System.CommandLine;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit similar</c>, which finds the pictures of a feature set that resemble one.</summary>
internal static class SimilarCommand
{
    private const string IndexExtension = ".index";

    public static Command Create()
    {
        var query = new Argument<string>("query") { Description = "The picture to search for." };
        var features = new Argument<string>("features")
        {
            Description = $"A feature set's folder of transferkit extract, or an {IndexExtension} file of --save.",
        };
        var model = new ModelOptions(includeTop: false, Pooling.Avg);
        var top = new Option<int>("--top") { Description = "The number of pictures to print.", DefaultValueFactory = _ => 10 };
        var metric = new Option<SimilarityMetric>("--metric") { Description = "cosine (the default) or euclidean." };
        var save = new Option<string?>("--save")
        {
            Description = $"An {IndexExtension} file to write, which opens at once: name it instead of the features the next time.",
            Validators = { OutputPath.Check("--save", IndexExtension) },
        };
        var html = new Option<string?>("--html")
        {
            Description = "A page to write that shows the pictures, which are in --pictures.",
            Validators = { OutputPath.Check("--html", ".html", ".htm") },
        };
        var pictures = new Option<string?>("--pictures") { Description = "The folder that the features were extracted from, for --html." };
        var json = JsonOption.Create();
        var command = new Command("similar", "Find the pictures that resemble one, by their features.")
        {
            query, features, model.Weights, model.Seed, model.Device, top, metric, save, html, pictures, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (file, source, page) = (parsed.GetRequiredValue(query), parsed.GetRequiredValue(features), parsed.GetValue(html));
            if (parsed.GetValue(top) is < 1 and var count)
                throw new ArgumentException($"--top is {count}; it must be at least 1.");
            if (page is null != parsed.GetValue(pictures) is null)
                throw new ArgumentException("--html FILE and --pictures FOLDER need each other.");
            if (!File.Exists(file))
                throw new FileNotFoundException($"There is no picture '{file}'.", file);
            using var index = await OpenAsync(source, parsed.GetValue(metric), parsed.GetValue(save), cancellationToken)
                .ConfigureAwait(false);
            var found = await SearchAsync(file, source, index, model.Read(parsed).Options, parsed.GetValue(top), cancellationToken)
                .ConfigureAwait(false);
            if (page is not null)
                new SimilarityPage(file, parsed.GetValue(pictures)!, found).Save(page);
            if (parsed.GetValue(json))
            {
                Terminal.Json(new { query = file, found = found.Select(n => new { name = n.Name, score = n.Score }) });
                return;
            }
            foreach (var neighbour in found)
                Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{neighbour.Score,8:0.0000}  {neighbour.Name}"));
        });
        return command;
    }

    private static async Task<FeatureIndex> OpenAsync(
        string source, SimilarityMetric metric, string? save, CancellationToken cancellationToken)
    {
        if (source.EndsWith(IndexExtension, StringComparison.OrdinalIgnoreCase))
        {
            var index = FeatureIndex.Open(source);
            if (save is not null)
                index.Save(save);
            return index;
        }
        using var set = FeatureSet.Open(source);
        if (save is not null)
            return await FeatureIndex.BuildAsync(set, save, metric, cancellationToken: cancellationToken).ConfigureAwait(false);
        var table = await FeatureTable.ReadAsync(set, cancellationToken: cancellationToken).ConfigureAwait(false);
        return FeatureIndex.Build(table, metric, cancellationToken: cancellationToken);
    }

    // The picture must be prepared as the others were, so the stamp chooses the backbone, and the search compares the stamps.
    private static async Task<IReadOnlyList<Neighbour>> SearchAsync(
        string file, string source, FeatureIndex index, BackboneOptions options, int count, CancellationToken cancellationToken)
    {
        if (!index.Stamp.TryGetValue("backbone", out var name))
            throw new ArgumentException($"'{source}' does not say which backbone extracted it: name the folder of a feature set.");
        var own = StampedBackbone.With(options, index.Stamp);
        using var backbone = await Terminal.LoadAsync(name, own, cancellationToken).ConfigureAwait(false);
        var output = backbone.Predict(file, cancellationToken: cancellationToken);
        var row = FeatureRow.Of(file, output[0].ToArray(), [.. output.Shape.Skip(1)]);
        return index.Search(FeatureTable.Of([row], backbone), count, cancellationToken)[0];
    }
}
