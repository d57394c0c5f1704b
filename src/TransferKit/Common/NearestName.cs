namespace TransferKit.Common;

/// <summary>Finds the name that a misspelled one probably means: the one with the smallest edit distance.</summary>
internal static class NearestName
{
    public static string Of(string name, IEnumerable<string> known) =>
        known.MinBy(n => Distance(name.ToUpperInvariant(), n.ToUpperInvariant()))!;

    /// <summary>Returns "Did you mean …?", or an empty string if the nearest name is too different.</summary>
    public static string Question(string name, string nearest) =>
        Distance(name.ToUpperInvariant(), nearest.ToUpperInvariant()) <= Math.Max(2, name.Length / 2)
            ? $"Did you mean '{nearest}'? "
            : "";

    // Levenshtein's distance needs only one row of its table at a time.
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
