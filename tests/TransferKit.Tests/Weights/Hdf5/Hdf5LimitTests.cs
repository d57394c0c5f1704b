using System.Buffers.Binary;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.Tests.WeightSources.Hdf5;

/// <summary>Counts that no weight file reaches end a read, before they cost much memory or time.</summary>
public class Hdf5LimitTests
{
    private static readonly byte[] Golden = File.ReadAllBytes(Goldens.Path("h5", "layouts", "types.earliest.weights.h5"));

    [Fact]
    public void A_group_with_more_names_than_the_limit_is_refused()
    {
        var root = new Hdf5WriteGroup();
        for (var i = 0; i <= 1 << 16; i++)
            root.Add($"{i}", new Hdf5WriteDataset([], (_, destination) => destination.Clear()));
        using var stream = new MemoryStream();
        Hdf5Writer.Write(stream, root, TestContext.Current.CancellationToken);
        Assert.Contains("more than 65,536 names", Refused(stream.ToArray()));
    }

    [Fact]
    public void A_file_with_more_objects_than_the_limit_is_refused()
    {
        // A long file has a budget of bytes that the objects do not exhaust.
        var file = Hdf5File.Open("many.h5", new MemoryStream([.. Golden, .. new byte[60_000_000]]));
        var link = new Hdf5Link("root", file.Root.Address, null);
        var e = Assert.Throws<WeightsFormatException>(() =>
        {
            for (var i = 0; i <= 100_000; i++)
                file.Open(link, "/x", 1);
        });
        Assert.Contains("more than 100,000 objects", e.Message);
    }

    [Fact]
    public void An_object_header_with_more_messages_than_the_limit_is_refused()
    {
        const int Empty = 8 * ((1 << 16) + 1);
        byte[] bytes = [.. Golden, .. new byte[Empty]];
        // The root's first message says that the header goes on with empty messages at the end of the file.
        var message = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(64)) + 16;
        bytes[message] = 0x10;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(message + 8), Golden.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(message + 16), Empty);
        Assert.Contains("too many messages", Refused(bytes));
    }

    private static string Refused(byte[] bytes) =>
        Assert.Throws<WeightsFormatException>(() => WeightFile.Open("many.h5", new MemoryStream(bytes))).Message;
}
