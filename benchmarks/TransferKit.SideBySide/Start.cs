using System.Diagnostics;
using System.Globalization;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures the same as <see cref="Load"/> in new processes, in turn. The results include the just-in-time compiler.
/// </summary>
internal static class Start
{
    private const int Rounds = 11;

    public static void Run(IEnumerable<string> names)
    {
        Console.WriteLine("| network | TransferKit, ms | its own optimised file, ms | ratio of speeds | process, ms | process, ms |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var name in names)
        {
            var folder = Directory.CreateTempSubdirectory("transferkit-start-").FullName;
            var (plan, _, optimised) = Load.Prepare(name, folder);
            string[][] programs =
                [["start-of", name, folder], ["start-plain", optimised, $"{plan.InputSize.Height}", $"{plan.InputSize.Width}"]];
            var times = programs.Select(_ => new List<(double Work, double Process)>()).ToArray();
            for (var round = -1; round < Rounds; round++)
            {
                for (var i = 0; i < programs.Length; i++)
                {
                    var time = Child(programs[i]);
                    if (round >= 0)
                        times[i].Add(time);
                }
            }
            Console.WriteLine(
                $"| {name} | {Speed.Median(times[0].Select(t => t.Work)):0} | {Speed.Median(times[1].Select(t => t.Work)):0} "
                + $"| {Speed.Median(times[1].Zip(times[0], (t, o) => t.Work / o.Work)):0.00} "
                + $"| {Speed.Median(times[0].Select(t => t.Process)):0} | {Speed.Median(times[1].Select(t => t.Process)):0} |");
            Directory.Delete(folder, recursive: true);
        }
    }

    public static void RunOne(string name, string folder) => Measure(() =>
    {
        using var backbone = Backbone.Load(name, Load.OutOf(folder));
        backbone.Predict(new byte[backbone.InputSize.Height * backbone.InputSize.Width * 3]);
    });

    public static void RunPlain(string path, int height, int width) => Measure(() =>
    {
        using var model = new PlainModel(path);
        model.Run(new float[height * width * 3], [1, 3, height, width]);
    });

    private static void Measure(Action load)
    {
        var clock = Stopwatch.StartNew();
        load();
        Console.WriteLine(clock.Elapsed.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
    }

    private static (double Work, double Process) Child(string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
        var line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (double.Parse(line, CultureInfo.InvariantCulture), clock.Elapsed.TotalMilliseconds);
    }
}
