using TransferKit.Common;

namespace TransferKit.Training;

/// <summary>
/// Derives random generators from numbers alone: a seed, an epoch, an image's index. A resumed run therefore draws the
/// same values as an uninterrupted one, in any order of threads.
/// </summary>
internal static class Draw
{
    /// <summary>Hashes numbers with the finaliser of SplitMix64.</summary>
    public static ulong Key(params ReadOnlySpan<long> parts)
    {
        var key = CounterRandom.Step;
        foreach (var part in parts)
            key = CounterRandom.Stir(unchecked(key ^ ((ulong)part + CounterRandom.Step + (key << 6) + (key >> 2))));
        return key;
    }

    /// <summary>Creates a generator from numbers. The BCL keeps the sequence of a seeded generator stable.</summary>
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
