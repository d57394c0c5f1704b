using System.Diagnostics;

namespace TransferKit.OtherEngines;

/// <summary>
/// Measures contestants in turn in one process. The order alternates, so that a drift of the machine's speed favours none.
/// </summary>
internal static class Turns
{
    private const int Rounds = 5;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(0.7);

    /// <param name="contestants">The contestants, TransferKit first.</param>
    /// <param name="work">The work that each repeats until its turn ends.</param>
    /// <param name="images">The number of images of one work.</param>
    /// <returns>The median speed of each, and the median ratio of TransferKit's speed to it.</returns>
    public static IEnumerable<(string Engine, double ImagesPerSecond, double Ratio)> Measure(
        IReadOnlyList<Contestant> contestants, Action<Contestant> work, int images)
    {
        foreach (var contestant in contestants)
            work(contestant);
        var speeds = contestants.ToDictionary(c => c, _ => new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var contestant in round % 2 == 0 ? contestants : contestants.Reverse())
                speeds[contestant][round] = PerSecond(() => work(contestant), images);
        }
        var ours = speeds[contestants[0]];
        return contestants.Select(c => (c.Name, Median(speeds[c]), Median(ours.Zip(speeds[c], (a, b) => a / b))));
    }

    private static double PerSecond(Action work, int images)
    {
        var clock = Stopwatch.StartNew();
        var runs = 0;
        do
        {
            work();
            runs++;
        }
        while (clock.Elapsed < Least);
        return runs * images / clock.Elapsed.TotalSeconds;
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
}
