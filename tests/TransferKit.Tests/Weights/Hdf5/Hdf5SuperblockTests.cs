using System.Buffers.Binary;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.Tests.WeightSources.Hdf5;

/// <summary>Heads of files, and object headers, that no writer of weights makes.</summary>
public class Hdf5SuperblockTests
{
    private const string Older = "types.earliest.weights.h5";
    private const string Newer = "compact.latest.weights.h5";

    [Theory]
    [InlineData(Older, 8, 9, "its superblock has the unknown version 9")]
    [InlineData(Older, 13, 4, "has addresses of 4 and lengths of 8 bytes")]
    [InlineData(Older, 14, 2, "has addresses of 8 and lengths of 2 bytes")]
    [InlineData(Older, 24, 1, "it has a base address")]
    [InlineData(Older, 55, 0, "it has a driver information block")]
    [InlineData(Older, 64, 1, "its object header is missing")]
    [InlineData(Older, 71, 0x80, "refers to bytes beyond the end")]
    [InlineData(Newer, 11, 1, "was not closed by its writer")]
    [InlineData(Newer, 12, 1, "it has a base address")]
    public void A_head_that_says_what_is_not_read_is_refused_by_name(string name, int at, byte value, string says)
    {
        var bytes = File.ReadAllBytes(Goldens.Path("h5", "layouts", name));
        bytes[at] = value;
        if (name == Newer)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(44), Hdf5Checksum.Lookup3(bytes.AsSpan(0, 44)));
        Assert.Contains(says, Assert.Throws<WeightsFormatException>(() => WeightFile.Open("head.h5", new MemoryStream(bytes))).Message);
    }

    [Fact]
    public void A_newer_head_has_a_checksum()
    {
        var bytes = File.ReadAllBytes(Goldens.Path("h5", "layouts", Newer));
        bytes[36] ^= 8;
        var e = Assert.Throws<WeightsFormatException>(() => WeightFile.Open("head.h5", new MemoryStream(bytes)));
        Assert.Contains("the checksum of its superblock is wrong", e.Message);
    }

    [Fact]
    public void An_object_header_that_continues_in_itself_comes_to_an_end()
    {
        // The root's first message says that the header goes on, with 24 bytes at its own place.
        var bytes = File.ReadAllBytes(Goldens.Path("h5", "layouts", Older));
        var message = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(64)) + 16;
        bytes[message] = 0x10;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(message + 8), message);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(message + 16), 24);
        var e = Assert.Throws<WeightsFormatException>(() => WeightFile.Open("circle.h5", new MemoryStream(bytes)));
        Assert.Contains("refer to each other without end", e.Message);
    }
}
