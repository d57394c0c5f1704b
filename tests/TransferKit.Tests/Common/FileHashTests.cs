using TransferKit.Common;

namespace TransferKit.Tests.Common;

public class FileHashTests
{
    [Theory]
    [InlineData(0), InlineData(31), InlineData(32), InlineData((1 << 16) - 1), InlineData(1 << 16), InlineData((1 << 17) + 5)]
    public void The_hash_does_not_depend_on_the_pieces_in_which_a_stream_is_read(int length)
    {
        var bytes = Bytes(length);

        Assert.Equal(32, Hash(bytes).Length);
        Assert.Equal(Hash(bytes), FileHash.Of(new Trickle(bytes)));
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static string Hash(byte[] bytes) => FileHash.Of(new MemoryStream(bytes));

    /// <summary>Gives at most 7,001 bytes at a time.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 7001)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 7001));
    }
}
