using TransferKit.Common;

namespace TransferKit.Tests.Common;

public class FileHashTests
{
    [Fact]
    public void One_or_two_changed_bits_change_the_hash_wherever_they_are()
    {
        var bytes = Bytes(80);
        var bits = bytes.Length * 8;
        var hashes = new HashSet<string> { Hash(bytes) };
        for (var first = 0; first < bits; first++)
        {
            Flip(first);
            Assert.True(hashes.Add(Hash(bytes)), $"bit {first}");
            for (var second = 0; second < first; second++)
            {
                Flip(second);
                Assert.True(hashes.Add(Hash(bytes)), $"bits {first} and {second}");
                Flip(second);
            }
            Flip(first);
        }

        void Flip(int bit) => bytes[bit / 8] ^= (byte)(1 << bit % 8);
    }

    [Fact]
    public void Zeros_at_the_end_change_the_hash() =>
        Assert.Equal(100, Enumerable.Range(0, 100).Select(length => Hash(new byte[length])).Distinct().Count());

    [Fact]
    public void Exchanged_words_change_the_hash()
    {
        var bytes = Bytes(64);
        var words = bytes.Chunk(8).ToArray();
        var exchanged =
            from i in Enumerable.Range(0, words.Length)
            from j in Enumerable.Range(0, i)
            select Hash([.. words.Select((word, k) => k == i ? words[j] : k == j ? words[i] : word).SelectMany(word => word)]);

        Assert.Equal(28, exchanged.Append(Hash(bytes)).Distinct().Count() - 1);
    }

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
