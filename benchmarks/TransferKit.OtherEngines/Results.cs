using System.Runtime.InteropServices;
using System.Text.Json;
using TransferKit.Architectures;
using TransferKit.Backbones;

namespace TransferKit.OtherEngines;

/// <summary>Represents a measured speed.</summary>
/// <param name="Job">The job: <c>engine</c> from preprocessed images, <c>folder</c> from a folder of JPEGs.</param>
/// <param name="Network">The backbone.</param>
/// <param name="Batch">The batch size.</param>
/// <param name="Engine">The name of the engine.</param>
/// <param name="ImagesPerSecond">The median speed of the rounds.</param>
/// <param name="Ratio">The median ratio of TransferKit's speed to this one.</param>
internal sealed record Result(string Job, string Network, int Batch, string Engine, double ImagesPerSecond, double Ratio);

/// <summary>Represents the results of one version on one machine, in a JSON file that several runs extend.</summary>
internal sealed record Results(string Version, string Machine, IReadOnlyList<Result> Rows)
{
    private static readonly JsonSerializerOptions Format =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Results OfThisMachine(IReadOnlyList<Result> rows) => new(
        typeof(Backbone).Assembly.GetName().Version!.ToString(3),
        $"{Environment.ProcessorCount} {RuntimeInformation.ProcessArchitecture} processors, "
            + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}",
        rows);

    public static Results Read(string path) => JsonSerializer.Deserialize<Results>(File.ReadAllText(path), Format)!;

    /// <summary>Merges results into a file of the same version and machine, or replaces a file of another.</summary>
    public void AddTo(string path)
    {
        var old = File.Exists(path) && Read(path) is var read && (read.Version, read.Machine) == (Version, Machine) ? read.Rows : [];
        var kept = old.Where(o => !Rows.Any(r => (r.Job, r.Network, r.Batch) == (o.Job, o.Network, o.Batch)));
        var all = this with { Rows = [.. kept.Concat(Rows).OrderBy(r => r.Job, StringComparer.Ordinal)] };
        File.WriteAllText(path + ".tmp", JsonSerializer.Serialize(all, Format) + "\n");
        File.Move(path + ".tmp", path, overwrite: true);
    }

    /// <summary>Prints images per second and the ratio to TransferKit: a row per network and batch, a column per engine.</summary>
    public void Print()
    {
        foreach (var job in Rows.GroupBy(r => r.Job))
        {
            string[] engines = [.. job.Select(r => r.Engine).Distinct()];
            Console.WriteLine($"| {job.Key} | batch | {string.Join(" | ", engines)} |");
            Console.WriteLine($"| --- | --- | {string.Join(" | ", engines.Select(_ => "---"))} |");
            foreach (var line in job.GroupBy(r => (r.Network, r.Batch)))
            {
                var cells = engines.Select(
                    e => line.FirstOrDefault(r => r.Engine == e) is { } r
                        ? $"{r.ImagesPerSecond:0.0}{(r == line.First() ? "" : $" ({r.Ratio:0.00})")}"
                        : "-");
                Console.WriteLine($"| {line.Key.Network} | {line.Key.Batch} | {string.Join(" | ", cells)} |");
            }
            Console.WriteLine();
        }
    }
}
