using System.Runtime.CompilerServices;
using System.Text;

namespace TransferKit.Common;

/// <summary>
/// Generates SplitMix64 numbers by index. Each number depends only on the key and its index, so arrays can be filled in parallel and are
/// equal on every machine.
/// </summary>
internal readonly struct CounterRandom
{
    /// <summary>SplitMix64's increment: 2^64 divided by the golden ratio.</summary>
    public const ulong Step = 0x9E3779B97F4A7C15;
    private readonly ulong _key;

    public CounterRandom(int seed, string name)
    {
        // Mixing keeps the sequences of neighbouring seeds from overlapping.
        _key = Stir(NameHash(name) ^ Stir(unchecked((ulong)seed * Step + Step)));
    }

    /// <summary>Returns the FNV-1a hash of the name's UTF-8 bytes.</summary>
    public static ulong NameHash(string name)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var b in Encoding.UTF8.GetBytes(name))
            hash = unchecked((hash ^ b) * 0x100000001b3);
        return hash;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong At(long index) => Stir(unchecked(_key + (ulong)(index + 1) * Step));

    /// <summary>Returns further bits for an index whose earlier bits the caller rejected.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Again(ulong bits) => Stir(unchecked(bits + Step));

    /// <summary>Applies SplitMix64's finaliser: one changed input bit changes about half of the output bits.</summary>
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
