namespace TransferKit.OtherEngines;

/// <summary>Checks that all contestants compute the same features before any is timed.</summary>
internal static class Features
{
    private const double Bound = 1e-3;

    public static void Check(IReadOnlyList<Contestant> contestants, Func<Contestant, float[]> features)
    {
        var ours = features(contestants[0]);
        foreach (var contestant in contestants.Skip(1))
        {
            var theirs = features(contestant);
            var difference = ours.Length == theirs.Length
                ? ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max() / ours.Max(Math.Abs)
                : double.PositiveInfinity;
            if (!(difference <= Bound))
            {
                throw new InvalidOperationException($"{contestant.Name}'s features differ from TransferKit's by {difference:g2}, "
                    + $"relative to the largest; {Bound} is allowed.");
            }
        }
    }
}
