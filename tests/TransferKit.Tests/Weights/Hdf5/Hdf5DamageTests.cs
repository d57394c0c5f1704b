using System.Buffers.Binary;
using System.Text;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.Tests.WeightSources.Hdf5;

/// <summary>
/// Whatever is damaged in a file, in whatever layout: reading ends, with numbers or with an exception that names the file,
/// within memory that the file's arrays explain.
/// </summary>
public class Hdf5DamageTests
{
    // One file for each structure, all small.
    private static readonly string[] Names =
    [
        "compact.latest", "single.gzip", "fixed_array.gzip", "extensible_array.second", "btree_2.gzip", "edges_unfiltered", "superblock_1",
        "lzf.latest", "legacy.fixed.latest", "legacy.variable", "all_filters", "legacy.dense_attributes", "groups.compact",
    ];

    public static TheoryData<string> Files => [.. Names];

    [Theory, MemberData(nameof(Files))]
    public void A_flipped_bit_gives_numbers_or_an_exception_that_names_the_file(string name)
    {
        var bytes = File.ReadAllBytes(Golden(name));
        // A prime stride visits each byte with one of its bits.
        for (var at = 0; at < bytes.Length; at++)
            ReadDamaged(Flipped(bytes, at, at * 3 % 8), $"{name}, byte {at}");
    }

    [Theory, Trait("Category", "Slow"), MemberData(nameof(Files))]
    public void Every_flipped_bit_and_byte_gives_numbers_or_an_exception_that_names_the_file(string name)
    {
        var bytes = File.ReadAllBytes(Golden(name));
        Parallel.For(0, bytes.Length, at =>
        {
            var damaged = (byte[])bytes.Clone();
            foreach (var change in (ReadOnlySpan<byte>)[1, 2, 4, 8, 16, 32, 64, 128, 255])
            {
                damaged[at] = (byte)(bytes[at] ^ change);
                ReadDamaged(damaged, $"{name}, byte {at} to {damaged[at]}");
            }
        });
    }

    [Theory, MemberData(nameof(Files))]
    public void A_file_cut_off_anywhere_is_refused(string name)
    {
        var bytes = File.ReadAllBytes(Golden(name));
        for (var length = 0; length < bytes.Length; length += 1 + length / 500)
            Assert.Throws<WeightsFormatException>(() => ReadAll(bytes[..length]));
    }

    /// <summary>Newer structures have checksums: of damage to one, nothing can come but the exception.</summary>
    [Fact]
    public void Damage_to_a_structure_with_a_checksum_is_always_found()
    {
        var bytes = File.ReadAllBytes(Golden("compact.latest"));
        var (found, signature) = (0, "OHDR"u8.ToArray());
        for (var at = 0; at < bytes.Length - 4; at++)
        {
            if (!bytes.AsSpan(at).StartsWith(signature))
                continue;
            // Size of the header: of two bytes in the root's, which has no times.
            for (var i = 4; i < 20; i++)
                Assert.Throws<WeightsFormatException>(() => ReadAll(Flipped(bytes, at + i, 4)));
            found++;
        }
        Assert.Equal(5, found);
    }

    public static TheoryData<string> Structures =>
        ["OHDR", "BTHD", "BTIN", "BTLF", "FRHP", "FHDB", "FHIB", "FAHD", "FADB", "EAHD", "EAIB", "EASB", "EADB"];

    [Theory, MemberData(nameof(Structures))]
    public void A_wrong_checksum_of_any_structure_is_found(string signature)
    {
        var found = 0;
        foreach (var path in Directory.GetFiles(Goldens.Path("h5", "layouts"), "*.h5"))
        {
            var bytes = File.ReadAllBytes(path);
            foreach (var place in ChecksumsOf(bytes, Encoding.ASCII.GetBytes(signature)))
            {
                var e = Record.Exception(() => ReadAll(Flipped(bytes, place, 5)));
                // Not every structure is read: a group has a second index by the order of creation, and this test reads small arrays.
                if (e is null)
                    continue;
                Assert.Contains("checksum", Assert.IsType<WeightsFormatException>(e).Message);
                found++;
            }
        }
        Assert.True(found > 0, $"No wrong checksum of {signature} was found.");
    }

    // A structure ends where the next four bytes are the checksum of all from its signature on. That of a heap's direct block stands in its
    // head and covers the objects behind, of which one is damaged instead.
    private static IEnumerable<int> ChecksumsOf(byte[] bytes, byte[] signature)
    {
        const int Longest = 4096;
        const int ObjectsOfBlock = 24;
        for (var at = 0; at + signature.Length < bytes.Length; at++)
        {
            if (!bytes.AsSpan(at).StartsWith(signature))
                continue;
            if (signature.AsSpan().SequenceEqual("FHDB"u8))
                yield return at + ObjectsOfBlock;
            for (var end = at + 8; end < Math.Min(bytes.Length - 3, at + Longest); end++)
            {
                if (Hdf5Checksum.Lookup3(bytes.AsSpan(at, end - at)) == BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(end)))
                {
                    yield return end;
                    break;
                }
            }
        }
    }

    [Fact]
    public void A_changed_chunk_fails_its_checksum()
    {
        var bytes = File.ReadAllBytes(Golden("fletcher32"));
        // 1.25, which only the numbers hold.
        var at = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 0, 0xa0, 0x3f]);
        var e = Assert.Throws<WeightsFormatException>(() => ReadAll(Flipped(bytes, at + 2, 0)));
        Assert.Contains("checksum of a chunk is wrong (fletcher32)", e.Message);
    }

    private static string Golden(string name) => Goldens.Path("h5", "layouts", name + ".weights.h5");

    private static byte[] Flipped(byte[] bytes, int at, int bit)
    {
        var damaged = (byte[])bytes.Clone();
        damaged[at] ^= (byte)(1 << bit);
        return damaged;
    }

    private static void ReadDamaged(byte[] damaged, string what)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            ReadAll(damaged);
        }
        catch (WeightsFormatException e)
        {
            Assert.Contains("damaged.h5", e.Message);
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
        }
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 300 << 20, $"{what} takes much memory");
    }

    // A network also asks for arrays of the shape that it needs, which it knows before a number is read.
    private static void ReadAll(byte[] bytes)
    {
        const int MostNumbers = 1 << 16;
        using var file = WeightFile.Open("damaged.h5", new MemoryStream(bytes));
        foreach (var weight in file.Layers.SelectMany(l => l.Weights).Where(w => w.Count <= MostNumbers))
            weight.Read(0, new float[weight.Count]);
    }
}
