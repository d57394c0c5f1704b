namespace TransferKit.Common;

/// <summary>Finds the name that was probably meant: the fewest letters to change.</summary>
internal static class NearestName
{
    public static string Of(string asked, IEnumerable<string> names) =>
        names.MinBy(n => Distance(asked.ToUpperInvariant(), n.ToUpperInvariant()))!;

    /// <summary>"Did you mean", or nothing where no name is near enough to have been meant.</summary>
    public static string Question(string asked, string nearest) =>
        Distance(asked.ToUpperInvariant(), nearest.ToUpperInvariant()) <= Math.Max(2, asked.Length / 2) ? $"Did you mean '{nearest}'? " : "";

    // Levenshtein's distance, one row at a time.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
