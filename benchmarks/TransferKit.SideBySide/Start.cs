using System.Diagnostics;
using System.Globalization;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures the same as <see cref="Load"/> in new processes of <c>TransferKit.Start</c>, in turn. Unless that program was compiled
/// ahead of time, the results include the just-in-time compiler.
/// </summary>
internal static class Start
{
    private const int Rounds = 21;

    /// <param name="program">The program; null for the one beside this one, which the just-in-time compiler compiles.</param>
    /// <param name="names">The networks.</param>
    public static void Run(string? program, IEnumerable<string> names)
    {
        program ??= Path.Combine(AppContext.BaseDirectory, "TransferKit.Start");
        Console.WriteLine(
            "| network | TransferKit, ms | its own optimised file, ms | ratio of speeds | process, ms | process, ms | ratio "
            + "| methods compiled | methods compiled |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var name in names)
        {
            var folder = Directory.CreateTempSubdirectory("transferkit-start-").FullName;
            var (plan, _, optimised) = Load.Prepare(name, folder);
            string[][] contestants =
            [
                ["transferkit", name, folder], ["onnxruntime", optimised, $"{plan.InputSize.Height}", $"{plan.InputSize.Width}"],
            ];
            var times = contestants.Select(_ => new List<(double Work, double Process, double Methods)>()).ToArray();
            for (var round = -1; round < Rounds; round++)
            {
                for (var i = 0; i < contestants.Length; i++)
                {
                    var time = Child(program, contestants[i]);
                    if (round >= 0)
                        times[i].Add(time);
                }
            }
            Console.WriteLine(
                $"| {name} | {Speed.Median(times[0].Select(t => t.Work)):0} | {Speed.Median(times[1].Select(t => t.Work)):0} "
                + $"| {Speed.Median(times[1].Zip(times[0], (t, o) => t.Work / o.Work)):0.00} "
                + $"| {Speed.Median(times[0].Select(t => t.Process)):0} | {Speed.Median(times[1].Select(t => t.Process)):0} "
                + $"| {Speed.Median(times[1].Zip(times[0], (t, o) => t.Process / o.Process)):0.00} "
                + $"| {Speed.Median(times[0].Select(t => t.Methods)):0} | {Speed.Median(times[1].Select(t => t.Methods)):0} |");
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (double Work, double Process, double Methods) Child(string program, string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var numbers = process.StandardOutput.ReadToEnd().Split(' ');
        process.WaitForExit();
        return (
            double.Parse(numbers[0], CultureInfo.InvariantCulture), clock.Elapsed.TotalMilliseconds,
            double.Parse(numbers[1], CultureInfo.InvariantCulture));
    }
}
