using TransferKit.WeightSources.Store;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures what each load from the cache spends on comparing the hashes of the compiled model's files, in turn with whole loads.
/// </summary>
internal static class Seal
{
    private const int Rounds = 15;

    public static void Run(IEnumerable<string> names)
    {
        var table = new Table("network", "compiled model, MB", "check, ms", "load to the first output, ms", "check / load, median");
        foreach (var name in names)
        {
            var folder = Directory.CreateTempSubdirectory("transferkit-seal-").FullName;
            Load.Prepare(name, folder);
            var options = Load.OutOf(folder);
            SealedFolder? compiled = null;
            var (checks, loads) = (new List<double>(), new List<double>());
            for (var round = -1; round < Rounds; round++)
            {
                var load = Load.Milliseconds(() =>
                {
                    using var backbone = Backbone.Load(name, options);
                    backbone.Predict(new byte[backbone.InputSize.Height * backbone.InputSize.Width * 3]);
                });
                compiled ??= Directory.GetDirectories(Path.Combine(folder, "transferkit")).Select(SealedFolder.TryRead).Single();
                string? problem = null;
                var check = Load.Milliseconds(() => problem = compiled!.Problem(CancellationToken.None));
                if (problem is not null)
                    throw new InvalidOperationException($"The compiled model of {name} is damaged: {problem}.");
                if (round < 0)
                    continue;
                checks.Add(check);
                loads.Add(load);
            }
            table.Add(
                name, compiled!.Size / 1e6, Speed.Median(checks), Speed.Median(loads), Speed.Median(checks.Zip(loads, (c, l) => c / l)));
            Directory.Delete(folder, recursive: true);
        }
    }
}
