using System.CommandLine;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit explore</c>, which writes a page with a map of the pictures of a feature set.</summary>
internal static class ExploreCommand
{
    public static Command Create()
    {
        var defaults = new FeatureMapOptions();
        var features = new Argument<string>("features") { Description = "A feature set of transferkit extract." };
        var output = new Option<string>("--out", "-o")
        {
            Description = "The page to write: one HTML file, which needs no network.",
            Required = true,
            Validators = { OutputPath.Check("--out", ".html", ".htm") },
        };
        var pictures = new Option<string?>("--pictures")
        {
            Description = "The folder that the features were extracted from. The page gets small copies of its pictures.",
        };
        var limit = new Option<int>("--limit")
        {
            Description = "The largest number of pictures on the map. Of more, a random sample is taken.",
            DefaultValueFactory = _ => defaults.Limit,
        };
        var seed = new Option<int>("--seed")
        {
            Description = "The seed of the sample, the clusters and t-SNE.",
            DefaultValueFactory = _ => defaults.Seed,
        };
        var clusters = new Option<int>("--clusters")
        {
            Description = "The number of clusters.",
            DefaultValueFactory = _ => defaults.Clusters,
        };
        var neighbours = new Option<int>("--neighbours")
        {
            Description = "The number of similar pictures to show for each.",
            DefaultValueFactory = _ => defaults.Neighbours,
        };
        var perplexity = new Option<double>("--perplexity")
        {
            Description = "The number of neighbours that t-SNE keeps near each picture.",
            DefaultValueFactory = _ => defaults.Perplexity,
        };
        var json = JsonOption.Create("with the size of the map and the pictures that could not be read");
        var noTsne = new Option<bool>("--no-tsne") { Description = "Compute principal components alone, without t-SNE." };
        var command = new Command("explore", "Look at pictures on a map: a page with similar pictures near each other.")
        {
            features, output, pictures, limit, seed, clusters, neighbours, perplexity, noTsne, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (page, folder) = (parsed.GetRequiredValue(output), parsed.GetValue(pictures));
            var options = new FeatureMapOptions
            {
                Limit = parsed.GetValue(limit),
                Seed = parsed.GetValue(seed),
                Clusters = parsed.GetValue(clusters),
                Neighbours = parsed.GetValue(neighbours),
                Perplexity = parsed.GetValue(perplexity),
                Tsne = !parsed.GetValue(noTsne),
            };
            if (folder is not null && !Directory.Exists(folder))
                throw new DirectoryNotFoundException($"There is no folder '{folder}' of pictures.");
            using var set = FeatureSet.Open(parsed.GetRequiredValue(features));
            var table = await FeatureTable.ReadAsync(set, cancellationToken: cancellationToken).ConfigureAwait(false);
            var (map, unreadable) = await Terminal.ExploreAsync(table, options, page, folder, cancellationToken).ConfigureAwait(false);
            foreach (var error in unreadable)
                Terminal.Error($"left out {error.Message}");
            if (map.Count < map.TotalCount)
            {
                Terminal.Error(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The map shows {map.Count:N0} of {map.TotalCount:N0} pictures, a random sample. --limit shows more."));
            }
            if (folder is null)
                Terminal.Error("The map has symbols alone: --pictures FOLDER shows the pictures.");
            if (parsed.GetValue(json))
            {
                Terminal.Json(new
                {
                    page,
                    shown = map.Count,
                    pictures = map.TotalCount,
                    unreadable = unreadable.Select(e => e.Message),
                });
            }
            Terminal.Error($"Wrote {page}.");
            return ExitCode.OfSkipped(unreadable);
        });
        return command;
    }
}
