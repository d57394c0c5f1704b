using System.Runtime.CompilerServices;
using System.Text;

namespace TransferKit.Common;

/// <summary>
/// SplitMix64 by counter: the number at any index is had without those before it, so arrays can be filled in pieces
/// and in parallel, and come out the same on every machine.
/// </summary>
internal readonly struct CounterRandom
{
    /// <summary>SplitMix64's increment, 2^64 by the golden ratio.</summary>
    public const ulong Step = 0x9E3779B97F4A7C15;
    private readonly ulong _key;

    public CounterRandom(int seed, string name)
    {
        // Stirred, so that neighbouring seeds share no stretch of the sequence.
        _key = Stir(NameHash(name) ^ Stir(unchecked((ulong)seed * Step + Step)));
    }

    /// <summary>FNV-1a of the name's UTF-8.</summary>
    public static ulong NameHash(string name)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var b in Encoding.UTF8.GetBytes(name))
            hash = unchecked((hash ^ b) * 0x100000001b3);
        return hash;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong At(long index) => Stir(unchecked(_key + (ulong)(index + 1) * Step));

    /// <summary>The next bits for an index whose first did not serve.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Again(ulong bits) => Stir(unchecked(bits + Step));

    /// <summary>SplitMix64's finaliser: numbers that differ in one bit come out different in half of theirs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Stir(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
