using TransferKit.Common;

namespace TransferKit.Training;

/// <summary>
/// Chance that depends on nothing but numbers: a seed, an epoch, an image's place. So a run goes on after a kill as if
/// there had been none, whatever the threads did.
/// </summary>
internal static class Draw
{
    public static ulong Key(params ReadOnlySpan<long> parts)
    {
        var key = CounterRandom.Step;
        foreach (var part in parts)
            key = CounterRandom.Stir(unchecked(key ^ ((ulong)part + CounterRandom.Step + (key << 6) + (key >> 2))));
        return key;
    }

    /// <summary>The seeded generator of the BCL has had one sequence since .NET Framework.</summary>
    public static Random Random(params ReadOnlySpan<long> parts) => new((int)(Key(parts) & int.MaxValue));

    public static void Shuffle<T>(T[] items, params ReadOnlySpan<long> parts)
    {
        var random = Random(parts);
        for (var i = items.Length - 1; i > 0; i--)
        {
            var other = random.Next(i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }
}
