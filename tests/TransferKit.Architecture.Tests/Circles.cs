namespace TransferKit.Architecture.Tests;

/// <summary>Finds circles among folders: folders that reach each other over the mentions of their types.</summary>
internal static class Circles
{
    /// <summary>Gets one line for each pair of folders that reach each other, with an example of each direction's first step.</summary>
    public static IEnumerable<string> Of(IEnumerable<Mention> mentions)
    {
        var steps = mentions.GroupBy(m => m.From).ToDictionary(g => g.Key, g => g.ToLookup(m => m.To));
        foreach (var (from, targets) in steps)
        {
            foreach (var to in targets)
            {
                if (string.CompareOrdinal(from, to.Key) < 0 && Reaches(to.Key, from, steps))
                    yield return $"{from} <-> {to.Key}: {string.Join(", ", to.Take(3).Select(m => $"{m.Type} mentions {m.Mentioned}"))}";
            }
        }
    }

    private static bool Reaches(string start, string goal, Dictionary<string, ILookup<string, Mention>> steps)
    {
        var seen = new HashSet<string> { start };
        var open = new Stack<string>(seen);
        while (open.TryPop(out var folder))
        {
            if (folder == goal)
                return true;
            foreach (var next in steps.GetValueOrDefault(folder)?.Select(t => t.Key).Where(seen.Add) ?? [])
                open.Push(next);
        }
        return false;
    }
}
