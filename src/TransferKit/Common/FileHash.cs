using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TransferKit.Common;

/// <summary>
/// Computes 128-bit hashes of streams. The hash detects changed files at reading speed; it does not resist deliberate collisions.
/// </summary>
/// <remarks>
/// Words are mixed into four states as in MurmurHash2. No step loses bits, so one changed word always changes the hash. Each start hashes
/// files, and the hashes of System.IO.Hashing are IL in its package: compiling them would take longer than the hash.
/// </remarks>
internal static class FileHash
{
    private const ulong Factor = CounterRandom.Step;
    private const int BlockBytes = 4 * sizeof(ulong);

    public static string Of(Stream file, CancellationToken cancellation = default)
    {
        var states = new ulong[] { 1, 2, 3, 4 };
        // A small buffer stays in the processor's cache and takes little fresh memory.
        var buffer = new byte[1 << 16];
        var length = 0UL;
        int read;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            // Zeros fill the last block. The length is hashed too, so a file of that many zeros more has another hash.
            Array.Clear(buffer, read, buffer.Length - read);
            Mix(buffer.AsSpan(0, (read + BlockBytes - 1) / BlockBytes * BlockBytes), states);
            length += (ulong)read;
        }
        while (read == buffer.Length);
        var high = CounterRandom.Stir(states[0] ^ CounterRandom.Stir(states[1] ^ length));
        var low = CounterRandom.Stir(states[2] ^ CounterRandom.Stir(states[3] ^ length));
        return $"{high:x16}{low:x16}";
    }

    private static void Mix(ReadOnlySpan<byte> blocks, ulong[] states)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(blocks);
        var (a, b, c, d) = (states[0], states[1], states[2], states[3]);
        // Four chains of products run at once, because a product takes several cycles.
        for (var i = 0; i < words.Length; i += 4)
        {
            a = (a ^ Spread(words[i])) * Factor;
            b = (b ^ Spread(words[i + 1])) * Factor;
            c = (c ^ Spread(words[i + 2])) * Factor;
            d = (d ^ Spread(words[i + 3])) * Factor;
        }
        (states[0], states[1], states[2], states[3]) = (a, b, c, d);
    }

    // A product carries bits only upwards, so the upper half is folded down between two of them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Spread(ulong word)
    {
        word *= Factor;
        return (word ^ word >> 32) * Factor;
    }
}
