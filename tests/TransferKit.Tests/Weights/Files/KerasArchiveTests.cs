using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Tests.WeightSources.Files;

/// <summary>Tests that faults of an untrusted <c>.keras</c> file are reported, and that only needed members are unpacked.</summary>
public class KerasArchiveTests
{
    private const string Weights = "model.weights.h5";
    private static readonly byte[] Content = File.ReadAllBytes(SmallModel.File("keras3.weights.h5"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.SmallestSize)]
    public void Stored_and_deflated_weights_are_read(CompressionLevel level) =>
        AssertReads(Zip(zip => Add(zip, Weights, Content, level)));

    [Fact]
    public void Stored_weights_are_read_in_place()
    {
        var zip = Stored(("config.json", "{}"u8.ToArray()), (Weights, Content));
        using var opened = KerasArchive.Open("a.keras", new MemoryStream(zip)).Weights;
        var section = Assert.IsType<StreamSection>(opened);
        Assert.Equal(Content.Length, section.Length);
        Assert.True(section.Start > 0);
    }

    // Writers to a pipe put sizes and CRC behind the data.
    [Fact]
    public void Sizes_that_follow_the_data_are_read()
    {
        using var bytes = new MemoryStream();
        using (var forward = new Forward(bytes))
        using (var zip = new ZipArchive(forward, ZipArchiveMode.Create))
            Add(zip, Weights, Content, CompressionLevel.Fastest);
        Assert.Equal(8, bytes.ToArray()[6] & 8);
        AssertReads(bytes.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sizes_of_64_bits_are_read(bool inDirectoryToo) => AssertReads(Wide(Content, inDirectoryToo));

    [Fact]
    public void A_wrong_CRC_is_refused_stored_and_deflated()
    {
        var stored = Stored((Weights, Content));
        stored[stored.Length / 2] ^= 0x40;
        AssertRefused(stored, "CRC");

        var deflated = Zip(zip => Add(zip, Weights, Content, CompressionLevel.Fastest));
        Directory(deflated, 16)[0] ^= 1;
        Local(deflated, 14)[0] ^= 1;
        AssertRefused(deflated, "CRC");
    }

    [Theory]
    [InlineData(Weights)]
    [InlineData("config.json")]
    public void Two_members_of_one_name_are_refused(string name) =>
        AssertRefused(Stored((name, "x"u8.ToArray()), (name, Content), (Weights + 2, Content)), "2 members");

    [Fact]
    public void Weights_that_are_encrypted_or_packed_otherwise_are_told_as_such()
    {
        var encrypted = Stored((Weights, Content));
        Directory(encrypted, 8)[0] |= 1;
        AssertRefused(encrypted, "encrypted");

        var packed = Stored((Weights, Content));
        Directory(packed, 10)[0] = 14;
        AssertRefused(packed, "zip method 14");

        AssertRefused(Stored(("other.h5", Content)), "without a model.weights.h5");
    }

    [Theory]
    [InlineData(6, 2)]
    [InlineData(8, 8)]
    [InlineData(14, 1)]
    [InlineData(18, 1)]
    [InlineData(22, 1)]
    [InlineData(30, 1)]
    public void A_local_header_that_contradicts_the_directory_is_refused(int field, byte change)
    {
        var zip = Stored((Weights, Content));
        Local(zip, field)[0] ^= change;
        AssertRefused(zip, "damaged zip archive");
    }

    [Fact]
    public void A_directory_that_points_elsewhere_or_stands_there_twice_is_refused()
    {
        var zip = Stored((Weights, Content));
        AssertRefused([.. zip[..4], .. new byte[7], .. zip[4..]], "directory");
        AssertRefused([.. zip[..^22], 0, .. zip[^22..]], "directory");
        AssertRefused([.. zip, .. zip[^22..]], "directory");
        AssertRefused(zip[..^1], "cut off");
        AssertRefused(zip[..(zip.Length / 2)], "cut off");

        var start = (byte[])zip.Clone();
        Directory(start, 42)[0] = 1;
        AssertRefused(start, "damaged zip archive");
        BinaryPrimitives.WriteInt32LittleEndian(Directory(start, 42), int.MaxValue);
        AssertRefused(start, "beyond its end");

        var count = (byte[])zip.Clone();
        count[^12]++;
        count[^14]++;
        AssertRefused(count, "claims 2");

        // A comment that holds a second end of the archive.
        var end = zip[^22..];
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(20), 22);
        AssertRefused([.. zip[..^22], .. end, .. zip[^22..]], "two directories");
    }

    [Fact]
    public void A_bomb_is_refused_before_anything_is_unpacked()
    {
        using var zip = new Counting(Zip(zip => Add(zip, Weights, new byte[80 << 20], CompressionLevel.Fastest)));
        var e = Assert.Throws<WeightsFormatException>(() => KerasArchive.Open("a.keras", zip));
        Assert.Contains("the limit is", e.Message);
        Assert.True(zip.Taken < 70_000 && zip.Length > 300_000, $"{zip.Taken} of {zip.Length}");
    }

    [Fact]
    public void A_small_model_of_zeros_is_unpacked()
    {
        using var opened = KerasArchive.Open(
            "zeros.keras", new MemoryStream(Zip(zip => Add(zip, Weights, new byte[32 << 20], CompressionLevel.Fastest)))).Weights;
        Assert.Equal(32 << 20, opened.Length);
    }

    [Theory]
    [InlineData(-1000)]
    [InlineData(1000)]
    public void Weights_of_another_length_than_they_claim_are_refused(int difference)
    {
        var zip = Zip(zip => Add(zip, Weights, Content, CompressionLevel.Fastest));
        BinaryPrimitives.WriteInt32LittleEndian(Directory(zip, 24), Content.Length + difference);
        BinaryPrimitives.WriteInt32LittleEndian(Local(zip, 22), Content.Length + difference);
        AssertRefused(zip, "does not have the");
    }

    [Fact]
    public void Any_changed_byte_is_refused_or_changes_nothing_of_the_weights()
    {
        var whole = Zip(zip => Add(zip, Weights, Content, CompressionLevel.Fastest));
        for (var i = 0; i < whole.Length; i += i < 60 || i > whole.Length - 100 ? 1 : 97)
        {
            for (var bit = 0; bit < 8; bit += 3)
            {
                var zip = (byte[])whole.Clone();
                zip[i] ^= (byte)(1 << bit);
                try
                {
                    using var opened = KerasArchive.Open("a.keras", new MemoryStream(zip)).Weights;
                    using var read = new MemoryStream();
                    opened.CopyTo(read);
                    Assert.Equal(Content, read.ToArray());
                }
                catch (WeightsFormatException e)
                {
                    Assert.Contains("a.keras", e.Message);
                }
            }
        }
    }

    [Fact]
    public async Task What_is_unpacked_has_no_name_that_a_kill_could_leave()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows removes the file with its last handle, after a kill too.");
        Assert.Equal("", await OpenInChild(Content));
    }

    [Fact]
    public async Task A_disk_that_is_full_is_told_as_such_and_nothing_is_left()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A process whose files may not grow is one of Unix.");
        var noise = new byte[1 << 20];
        new Random(1).NextBytes(noise);
        Assert.StartsWith("OutputFileException: ", await OpenInChild(noise, largestFile: 200));
    }

    // The child has a folder of its own for temporary files, which is empty in the end.
    private static async Task<string> OpenInChild(byte[] content, int? largestFile = null)
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("transferkit-").FullName;
        try
        {
            var path = Path.Combine(folder, "packed.keras");
            File.WriteAllBytes(path, Zip(zip => Add(zip, Weights, content, CompressionLevel.Fastest)));
            using var process = ChildProcess.Start(Open, [folder, path], largestFile: largestFile);
            var error = await process.StandardError.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            Assert.Equal([path], System.IO.Directory.GetFileSystemEntries(folder));
            return error;
        }
        finally
        {
            System.IO.Directory.Delete(folder, recursive: true);
        }
    }

    private static Task Open(string[] args)
    {
        Environment.SetEnvironmentVariable("TMPDIR", args[0]);
        using var opened = KerasArchive.Open("a.keras", File.OpenRead(args[1])).Weights;
        Assert.IsType<FileStream>(opened);
        Assert.Equal([args[1]], System.IO.Directory.GetFileSystemEntries(args[0]));
        return Task.CompletedTask;
    }

    [Fact]
    public void A_stream_that_never_ends_is_read_no_further_than_a_weight_file_goes()
    {
        var rubbish = new Endless(Encoding.ASCII.GetBytes("<html>"));
        Assert.Contains("HTML", Assert.Throws<WeightsFormatException>(() => WeightFile.Open("endless", rubbish)).Message);
        Assert.True(rubbish.Taken <= 4096);

        var hdf5 = new Endless(Content);
        using (WeightFile.Open("endless", hdf5)) { }
        Assert.True(hdf5.Taken < Content.Length + (2 << 20));

        // The superblock's end of file.
        var liar = (byte[])Content.Clone();
        BinaryPrimitives.WriteInt64LittleEndian(liar.AsSpan(40), long.MaxValue);
        var lying = new Endless(liar);
        Assert.Contains("claims", Assert.Throws<WeightsFormatException>(() => WeightFile.Open("endless", lying)).Message);
        Assert.True(lying.Taken <= 4096);
    }

    [Fact]
    public void A_section_is_a_stream_of_its_own()
    {
        using var section = new StreamSection(new MemoryStream([.. Enumerable.Range(0, 100).Select(i => (byte)i)]), 10, 20);
        Assert.Equal(10, section.ReadByte());
        Assert.Equal(20, section.Seek(0, SeekOrigin.End));
        Assert.Equal(-1, section.ReadByte());
        section.Seek(-2, SeekOrigin.Current);
        var rest = new byte[10];
        Assert.Equal(2, section.Read(rest));
        Assert.Equal([28, 29], rest[..2]);
        section.Position = 1000;
        Assert.Equal(0, section.Read(rest));
        Assert.Throws<ArgumentOutOfRangeException>(() => section.Position = -1);
        Assert.Equal(3, section.Seek(3, SeekOrigin.Begin));
        Assert.Equal((true, true, false), (section.CanRead, section.CanSeek, section.CanWrite));
        section.Flush();
        Assert.Throws<NotSupportedException>(() => section.SetLength(1));
        Assert.Throws<NotSupportedException>(() => section.Write([1], 0, 1));
    }

    [Fact]
    public void An_archive_of_nothing_has_no_weights() => Assert.Contains(
        "without a model.weights.h5",
        Assert.Throws<WeightsFormatException>(
            () => KerasArchive.Open("a.keras", new MemoryStream([0x50, 0x4b, 5, 6, .. new byte[18]])).Weights).Message);

    [Fact]
    public void An_end_record_before_the_start_of_the_archive_is_refused()
    {
        byte[] locator = [0x50, 0x4b, 6, 7, 0, 0, 0, 0, .. BitConverter.GetBytes(-56L), 0, 0, 0, 0];
        var e = Assert.Throws<WeightsFormatException>(
            () => KerasArchive.Open("a.keras", new MemoryStream([.. locator, 0x50, 0x4b, 5, 6, .. new byte[18]])).Weights);
        Assert.Contains("beyond its end", e.Message);
    }

    [Fact]
    public void Stored_weights_of_two_sizes_are_refused()
    {
        var zip = Stored((Weights, Content));
        BinaryPrimitives.WriteInt32LittleEndian(Local(zip, 22), Content.Length - 1);
        BinaryPrimitives.WriteInt32LittleEndian(Directory(zip, 24), Content.Length - 1);
        AssertRefused(zip, "has two sizes");
    }

    // Places from the end of an archive whose directory has sizes of 64 bits: its end record of 22 bytes, the locator of 20, the record of
    // 56.
    [Theory]
    [InlineData(42 - 8, 1L, "is not where it says")]
    [InlineData(98, 1L, "contradict each other")]
    [InlineData(98 - 48, -1L, "is not where it says")]
    [InlineData(98 - 48, long.MaxValue, "is not where it says")]
    [InlineData(98 - 40, -1L, "is not where it says")]
    [InlineData(98 - 40, 5L, "is not where it says")]
    [InlineData(98 - 32, -1L, "is not where it says")]
    [InlineData(98 - 32, 2L, "has 1 members and claims 2")]
    [InlineData(98 - 32, 1L << 40, "its directory claims")]
    public void An_end_record_of_64_bits_that_lies_is_refused(int fromEnd, long value, string says)
    {
        var zip = Wide(Content, inDirectoryToo: true);
        BinaryPrimitives.WriteInt64LittleEndian(zip.AsSpan(zip.Length - fromEnd), value);
        AssertRefused(zip, says);
    }

    [Theory]
    [InlineData(22 - 12, 4)]
    [InlineData(22 - 16, 4)]
    [InlineData(22 - 8, 2)]
    public void Two_end_records_that_differ_are_refused(int fromEnd, int length)
    {
        var zip = Wide(Content, inDirectoryToo: true);
        zip.AsSpan(zip.Length - fromEnd, length).Fill(2);
        if (length == 2)
            zip.AsSpan(zip.Length - fromEnd + 2, length).Fill(2);
        AssertRefused(zip, "contradict each other");
    }

    // Places in the only entry of such a directory: name and 28 bytes of sizes are behind its 46 bytes.
    [Fact]
    public void Sizes_of_64_bits_that_are_absent_negative_or_there_twice_are_refused()
    {
        var extra = 46 + Weights.Length;
        Bend(e => e[extra] = 2, "a zip64 value of a member is missing");
        Bend(e => e[extra + 4 + 7] = 0x80, "a zip64 value of a member is missing");
        Bend(e => e[extra + 2] = 16, "a zip64 value of a member is missing");
        Bend(
            e => ((byte[])[1, 0, 8, 0, 9, 9, 9, 9, 0, 0, 0, 0, 1, 0, 8, 0, 9, 9, 9, 9, 0, 0, 0, 0, 9, 0, 0, 0]).CopyTo(e[extra..]),
            "two zip64 fields");
        Bend(e => e[extra + 2] = 200, "a zip64 value of a member is missing");
        Bend(e => e[0] = 0, "its directory is damaged");
        Bend(e => e[29] = 200, "its directory is damaged");
        Bend(e => e[30] = 90, "its directory is damaged");

        static void Bend(Entry bend, string says)
        {
            var zip = Wide(Content, inDirectoryToo: true);
            bend(zip.AsSpan((int)BinaryPrimitives.ReadInt64LittleEndian(zip.AsSpan(zip.Length - 98 + 48))));
            AssertRefused(zip, says);
        }
    }

    private delegate void Entry(Span<byte> entry);

    private static void AssertReads(byte[] zip)
    {
        var graph = SmallModel.Build();
        using var bound = WeightBinder.Bind(WeightFile.Open("a.keras", new MemoryStream(zip)), graph);
        Assert.Equal(SmallModel.Expected(graph), bound.ReadAll(graph));
    }

    private static void AssertRefused(byte[] zip, string says)
    {
        var e = Assert.Throws<WeightsFormatException>(() => WeightFile.Open("a.keras", new MemoryStream(zip)));
        Assert.Contains("a.keras", e.Message);
        Assert.Contains(says, e.Message);
    }

    private static byte[] Zip(Action<ZipArchive> fill)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            fill(zip);
        return bytes.ToArray();
    }

    private static byte[] Stored(params (string Name, byte[] Content)[] members) => Zip(zip =>
    {
        foreach (var (name, content) in members)
            Add(zip, name, content, CompressionLevel.NoCompression);
    });

    private static void Add(ZipArchive zip, string name, byte[] content, CompressionLevel level)
    {
        using var stream = zip.CreateEntry(name, level).Open();
        stream.Write(content);
    }

    // Fields of the only member's two headers.
    private static Span<byte> Local(byte[] zip, int field) => zip.AsSpan(field);

    private static Span<byte> Directory(byte[] zip, int field) =>
        zip.AsSpan(BinaryPrimitives.ReadInt32LittleEndian(zip.AsSpan(zip.Length - 6)) + field);

    // One stored member whose local header, and whose directory too, holds its sizes as 64 bits.
    private static byte[] Wide(byte[] content, bool inDirectoryToo)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        var name = Encoding.ASCII.GetBytes(Weights);
        void Common(bool wide)
        {
            writer.Write((ushort)45);
            writer.Write(new byte[8]);
            writer.Write(Crc32.HashToUInt32(content));
            writer.Write(wide ? uint.MaxValue : (uint)content.Length);
            writer.Write(wide ? uint.MaxValue : (uint)content.Length);
            writer.Write((ushort)name.Length);
        }
        void Extra(int count)
        {
            writer.Write((ushort)1);
            writer.Write((ushort)(8 * count));
            for (var i = 0; i < count; i++)
                writer.Write(i < 2 ? content.LongLength : 0L);
        }
        writer.Write(0x04034b50);
        Common(wide: true);
        writer.Write((ushort)20);
        writer.Write(name);
        Extra(2);
        writer.Write(content);
        var directory = bytes.Position;
        writer.Write(0x02014b50);
        writer.Write((ushort)45);
        Common(inDirectoryToo);
        writer.Write((ushort)(inDirectoryToo ? 28 : 0));
        writer.Write(new byte[10]);
        writer.Write(inDirectoryToo ? uint.MaxValue : 0u);
        writer.Write(name);
        if (inDirectoryToo)
            Extra(3);
        var end = bytes.Position;
        if (inDirectoryToo)
        {
            writer.Write(0x06064b50);
            writer.Write(44L);
            writer.Write((ushort)45);
            writer.Write((ushort)45);
            writer.Write(0L);
            writer.Write(1L);
            writer.Write(1L);
            writer.Write(end - directory);
            writer.Write(directory);
            writer.Write(0x07064b50);
            writer.Write(0);
            writer.Write(end);
            writer.Write(1);
        }
        writer.Write(0x06054b50);
        writer.Write(0);
        writer.Write(inDirectoryToo ? uint.MaxValue : 0x00010001u);
        writer.Write(inDirectoryToo ? uint.MaxValue : (uint)(end - directory));
        writer.Write(inDirectoryToo ? uint.MaxValue : (uint)directory);
        writer.Write((ushort)0);
        return bytes.ToArray();
    }

    private sealed class Endless(byte[] start) : Forward(Stream.Null)
    {
        public long Taken { get; private set; }
        public override bool CanRead => true;

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (var i = 0; i < count; i++)
                buffer[offset + i] = Taken + i < start.Length ? start[Taken + i] : (byte)0;
            Taken += count;
            return count;
        }
    }

    private sealed class Counting(byte[] bytes) : MemoryStream(bytes)
    {
        public long Taken { get; private set; }

        public override int Read(byte[] buffer, int offset, int count) => Count(base.Read(buffer, offset, count));

        private int Count(int read)
        {
            Taken += read;
            return read;
        }
    }

    private class Forward(Stream inner) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
    }
}
