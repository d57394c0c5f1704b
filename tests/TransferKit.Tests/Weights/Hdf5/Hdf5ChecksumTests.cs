using System.Text;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.Tests.WeightSources.Hdf5;

public class Hdf5ChecksumTests
{
    /// <summary>The values that Bob Jenkins' lookup3.c prints of itself, and two lengths at the edge of its blocks.</summary>
    [Theory]
    [InlineData("", 0xdeadbeef)]
    [InlineData("Four score and seven years ago", 0x17770551)]
    public void Lookup3_gives_its_published_values(string text, uint expected) =>
        Assert.Equal(expected, Hdf5Checksum.Lookup3(Encoding.ASCII.GetBytes(text)));

    /// <summary>By the definition: sums modulo 65535 of 16-bit words, and of those sums.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(719)]
    [InlineData(720)]
    [InlineData(5000)]
    [InlineData(100_001)]
    public void Fletcher32_equals_its_definition(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        foreach (var data in new[] { bytes, [.. Enumerable.Repeat((byte)255, length)] })
        {
            ulong first = 0, second = 0;
            for (var at = 0; at < data.Length; at += 2)
            {
                first += (ulong)data[at] << 8 | (at + 1 < data.Length ? data[at + 1] : 0u);
                second = (second + first) % 65535;
            }
            var found = Hdf5Checksum.Fletcher32(data);
            Assert.Equal((uint)(first % 65535), (found & 0xffff) % 65535);
            Assert.Equal((uint)second, (found >> 16) % 65535);
        }
    }
}
