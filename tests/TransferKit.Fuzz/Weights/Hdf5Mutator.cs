using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace TransferKit.Fuzz.Weights;

/// <summary>
/// HDF5 by its structures, which are found by their signatures: fields get bad numbers or the addresses of other
/// structures, so that links lead to their own group, trees to themselves, headers on and on. Checksums are made right.
/// </summary>
internal static class Hdf5Mutator
{
    private static readonly string[] Signatures =
    [
        "TREE", "SNOD", "HEAP", "GCOL", "OHDR", "OCHK", "FRHP", "FHDB", "FHIB", "BTHD", "BTLF", "BTIN",
        "FAHD", "FADB", "EAHD", "EAIB", "EADB", "SMTB", "FSHD",
    ];

    // Structures of the first version have no checksum.
    private static readonly string[] Unchecked = ["TREE", "SNOD", "HEAP", "GCOL"];

    // Files of the corpus are bent again and again, and finding their checksums costs more than reading them.
    private static readonly ConditionalWeakTable<byte[], Map> Known = [];

    public static byte[] Mutate(byte[] source, Random random)
    {
        var bytes = (byte[])source.Clone();
        var (structures, checkedRanges) = Known.GetValue(source, s =>
        {
            var all = Structures(s);
            return new(all, CheckedRanges(s, all));
        });
        for (var rounds = 1 + random.Next(4); rounds > 0; rounds--)
        {
            var (start, length) = structures[random.Next(structures.Count)];
            var at = start + random.Next(length);
            switch (random.Next(12))
            {
                // An address for another one: a loop, or a structure of the wrong kind.
                case 0 or 1 or 2:
                    var pointers = Pointers(bytes, structures, start, length);
                    if (pointers.Count > 0)
                        WriteAddress(bytes, pointers[random.Next(pointers.Count)], structures[random.Next(structures.Count)].Start);
                    break;
                case 3:
                    pointers = Pointers(bytes, structures, start, length);
                    if (pointers.Count > 0)
                        ByteMutator.WriteBad(bytes.AsSpan(pointers[random.Next(pointers.Count)], 8), 0, random);
                    break;
                // Message types and flags, dimensions, sizes: single small numbers.
                case 4 or 5 or 6: bytes[at] = (byte)random.Next(40); break;
                case 7: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 8 when length > 8:
                    var (other, otherLength) = structures[random.Next(structures.Count)];
                    var taken = Math.Min(length, otherLength);
                    bytes.AsSpan(other, taken).ToArray().CopyTo(bytes.AsSpan(start));
                    break;
                case 9: MakeSoftLink(bytes, structures, random); break;
                default: ByteMutator.WriteBad(bytes.AsSpan(start, length), at - start, random); break;
            }
        }
        if (random.Next(8) != 0)
        {
            foreach (var (start, length) in checkedRanges)
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(start + length), Checksums.Lookup3(bytes.AsSpan(start, length)));
        }
        return bytes;
    }

    // Turns a link into a soft link to a name of the same group, which may be its own.
    private static void MakeSoftLink(byte[] bytes, List<(int Start, int Length)> structures, Random random)
    {
        const int EntryLength = 40;
        var nodes = structures.Where(s => s.Length >= 8 + EntryLength && bytes.AsSpan(s.Start).StartsWith("SNOD"u8)).ToArray();
        if (nodes.Length == 0)
            return;
        var (node, length) = nodes[random.Next(nodes.Length)];
        int Entry() => node + 8 + EntryLength * random.Next(Math.Max(1, Math.Min(bytes[node + 6], (length - 8) / EntryLength)));
        var (entry, named) = (Entry(), Entry());
        var target = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(named));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(entry + 8), -1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(entry + 16), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(entry + 24), target);
    }

    // A structure ends where the next begins, or after 600 bytes: most of what lies between is numbers.
    private static List<(int Start, int Length)> Structures(byte[] bytes)
    {
        var starts = new SortedSet<int> { 0 };
        foreach (var signature in Signatures.Select(Encoding.ASCII.GetBytes))
        {
            for (int from = 0, found; (found = bytes.AsSpan(from).IndexOf(signature)) >= 0; from += found + 4)
                starts.Add(from + found);
        }
        // Headers of version 1 have no signature; links point to them.
        foreach (var node in starts.Where(s => bytes.AsSpan(s).StartsWith("SNOD"u8)).ToArray())
        {
            for (var entry = node + 8; entry + 40 <= bytes.Length && entry < node + 8 + 8 * 40; entry += 40)
            {
                var header = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(entry + 8));
                if (header > 0 && header < bytes.Length - 16 && bytes[header] == 1)
                    starts.Add((int)header);
            }
        }
        var all = starts.ToArray();
        return [.. all.Zip([.. all[1..], bytes.Length], (start, end) => (start, Math.Min(600, end - start))).Where(s => s.Item2 > 0)];
    }

    // Eight bytes that are the address of a structure are taken for a pointer to it.
    private static List<int> Pointers(byte[] bytes, List<(int Start, int Length)> structures, int start, int length)
    {
        var addresses = structures.Select(s => (long)s.Start).ToHashSet();
        addresses.Remove(0);
        var found = new List<int>();
        for (var at = start; at + 8 <= start + length; at++)
        {
            if (addresses.Contains(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at))))
                found.Add(at);
        }
        return found;
    }

    private static void WriteAddress(byte[] bytes, int at, long address) =>
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), address);

    // A structure's checksum stands where the bytes before it have that sum: its length need not be understood.
    private static List<(int Start, int Length)> CheckedRanges(byte[] bytes, List<(int Start, int Length)> structures)
    {
        var found = new List<(int, int)>();
        foreach (var (start, _) in structures)
        {
            // Version 0 has neither checksum nor cost.
            if (start == 0 && bytes.Length > 8 && bytes[8] < 2)
                continue;
            if (start != 0 && !HasChecksum(bytes.AsSpan(start)))
                continue;
            for (var length = 8; length < 4096 && start + length + 4 <= bytes.Length; length++)
            {
                if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(start + length)) != Checksums.Lookup3(bytes.AsSpan(start, length)))
                    continue;
                found.Add((start, length));
                break;
            }
        }
        return found;
    }

    private sealed record Map(List<(int Start, int Length)> Structures, List<(int Start, int Length)> CheckedRanges);

    private static bool HasChecksum(ReadOnlySpan<byte> structure)
    {
        var signature = Encoding.ASCII.GetString(structure[..Math.Min(4, structure.Length)]);
        return Signatures.Contains(signature) && !Unchecked.Contains(signature);
    }
}
