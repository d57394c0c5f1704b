namespace TransferKit.Fuzz;

/// <summary>Mutations of a file as a list of parts, such as a PNG's chunks: parts are dropped, doubled, moved, bent.</summary>
internal static class Parts
{
    /// <param name="parts">The parts in order, each with all its bytes.</param>
    /// <param name="random">Decides what is done.</param>
    /// <param name="bend">Changes a part, which is not empty.</param>
    public static void Mutate(List<byte[]> parts, Random random, Action<byte[], Random> bend)
    {
        for (var rounds = 1 + random.Next(4); rounds > 0 && parts.Count > 0; rounds--)
        {
            var at = random.Next(parts.Count);
            switch (random.Next(12))
            {
                case 0:
                    parts.RemoveAt(at);
                    break;
                case 1:
                    // Many copies find what has no limit.
                    parts.InsertRange(at, Enumerable.Repeat(parts[at], random.Next(8) == 0 && parts[at].Length < 1000 ? 300 : 1));
                    break;
                case 2:
                    var to = random.Next(parts.Count);
                    (parts[at], parts[to]) = (parts[to], parts[at]);
                    break;
                case 3:
                    parts[at] = random.Next(2) == 0
                        ? parts[at][..random.Next(parts[at].Length + 1)]
                        : [.. parts[at], .. new byte[random.Next(70)]];
                    break;
                default:
                    parts[at] = [.. parts[at]];
                    if (parts[at].Length > 0)
                        bend(parts[at], random);
                    break;
            }
        }
    }

    /// <summary>Most of a part's meaning is in its first bytes: half of the changes go there.</summary>
    public static void BendAnywhere(byte[] part, Random random) =>
        ByteMutator.WriteBad(part, random.Next(2) == 0 ? random.Next(Math.Min(part.Length, 24)) : random.Next(part.Length), random);
}
