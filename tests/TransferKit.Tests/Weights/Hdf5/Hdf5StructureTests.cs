using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.Tests.WeightSources.Hdf5;

/// <summary>Structures that no writer makes, each refused by name: fields of goldens are changed, and their checksums made right.</summary>
public class Hdf5StructureTests
{
    private static readonly byte[] NoAddress = [255, 255, 255, 255, 255, 255, 255, 255];

    public static TheoryData<string, string, int, int, byte[], string> Heads => new()
    {
        // Golden, signature, length with checksum, place of the change, change, what the message says.
        { "btree_2", "BTHD", 38, 10, [0, 0], "B-tree's sizes are invalid" },
        { "btree_2", "BTHD", 38, 6, [10, 0, 0, 0], "B-tree's sizes are invalid" },
        { "btree_2", "BTHD", 38, 12, [17, 0], "17 levels deep" },
        { "btree_2", "BTHD", 38, 12, [3, 0], "B-tree" },
        { "btree_2", "BTHD", 38, 24, [255, 255], "too many records" },
        { "btree_2", "BTHD", 38, 16, NoAddress, "never written" },
        { "extensible_array", "EAHD", 72, 60, NoAddress, "never written" },
        { "extensible_array", "EAHD", 72, 11, [0], "index of chunks" },
        { "extensible_array", "EAHD", 72, 6, [0], "index of chunks is invalid" },
        { "extensible_array", "EAHD", 72, 7, [63], "index of chunks is invalid" },
        { "extensible_array", "EAHD", 72, 9, [3], "index of chunks is invalid" },
        { "extensible_array", "EAHD", 72, 10, [3], "index of chunks is invalid" },
        { "fixed_array", "FAHD", 28, 16, NoAddress, "never written" },
        { "legacy.dense_attributes", "FRHP", 146, 7, [1], "a heap with filters" },
        { "legacy.dense_attributes", "FRHP", 146, 110, [3, 0], "heap's sizes are invalid" },
        { "legacy.dense_attributes", "FRHP", 146, 112, [3], "heap's sizes are invalid" },
        { "legacy.dense_attributes", "FRHP", 146, 120, [3, 0, 0, 0], "heap's sizes are invalid" },
        { "legacy.dense_attributes", "FRHP", 146, 120, [1, 0, 0, 0], "heap's sizes are invalid" },
        { "legacy.dense_attributes", "FRHP", 146, 120, [0, 0, 0, 0, 1, 0, 0, 0], "heap's sizes are invalid" },
        { "legacy.dense_attributes", "FRHP", 146, 128, [0, 0], "heap's sizes are invalid" },
        { "legacy.dense_attributes", "FRHP", 146, 128, [63, 0], "heap's sizes are invalid" },
    };

    [Theory, MemberData(nameof(Heads))]
    public void A_head_that_lies_is_refused(string golden, string signature, int length, int at, byte[] change, string says)
    {
        var bytes = Golden(golden);
        var start = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(signature));
        change.CopyTo(bytes.AsSpan(start + at));
        Repair(bytes, start, length);
        Assert.Contains(says, Refused(bytes));
    }

    [Fact]
    public void Elements_and_records_that_are_too_short_are_refused()
    {
        // The filtered chunk's length and mask are cut off each element; then the place is cut off each record.
        var bytes = Golden("fixed_array.gzip");
        var head = bytes.AsSpan().IndexOf("FAHD"u8);
        bytes[head + 6] = 12;
        Repair(bytes, head, 28);
        var count = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(head + 8));
        Repair(bytes, (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(head + 16)), 14 + (int)count * 12 + 4);
        Assert.Contains("index of chunks is invalid", Refused(bytes));

        bytes = Golden("btree_2");
        head = bytes.AsSpan().IndexOf("BTHD"u8);
        bytes[head + 10] = 8;
        bytes[head + 12] = 0;
        bytes[head + 24] = 1;
        bytes[head + 25] = 0;
        Repair(bytes, head, 38);
        var node = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(head + 16));
        "BTLF"u8.CopyTo(bytes.AsSpan(node));
        Repair(bytes, node, 18);
        Assert.Contains("B-tree's sizes are invalid", Refused(bytes));
    }

    [Fact]
    public void Pages_without_a_bit_are_refused()
    {
        // Blocks to which the first block points have no bits, so they must not have pages.
        var bytes = Golden("extensible_array");
        var head = bytes.AsSpan().IndexOf("EAHD"u8);
        bytes[head + 11] = 0;
        Repair(bytes, head, 72);
        var length = 14 + (bytes[head + 7] + 7) / 8 + 4;
        for (int at = 0, next; (next = bytes.AsSpan(at).IndexOf("EADB"u8)) >= 0; at += next + 4)
            Repair(bytes, at + next, length);
        Assert.Contains("index of chunks is invalid", Refused(bytes));
    }

    [Fact]
    public void A_tree_whose_levels_do_not_descend_is_refused()
    {
        var root = new Hdf5WriteGroup();
        for (var i = 0; i < 300; i++)
            root.Add($"{i}", Scalar());
        var bytes = Written(root);
        for (int at = 0, next; (next = bytes.AsSpan(at).IndexOf("TREE"u8)) >= 0; at += next + 4)
        {
            if (bytes[at + next + 5] == 0)
                bytes[at + next + 5] = 3;
        }
        Assert.Contains("levels are invalid", Refused(bytes));
    }

    [Fact]
    public void A_root_that_is_an_array_is_refused()
    {
        var root = new Hdf5WriteGroup();
        root.Add("x", Scalar());
        var bytes = Written(root);
        var entry = bytes.AsSpan().IndexOf("SNOD"u8) + 8;
        bytes.AsSpan(entry + 8, 8).CopyTo(bytes.AsSpan(64));
        Assert.Contains("its root is not a group", Refused(bytes));
    }

    [Fact]
    public void A_path_below_an_array_and_an_absent_attribute_are_nothing()
    {
        var root = new Hdf5WriteGroup();
        root.Add("x", Scalar());
        var read = Hdf5File.Open("a.h5", new MemoryStream(Written(root))).Root;
        Assert.IsType<Hdf5Dataset>(read.Find("x"));
        Assert.Null(read.Find("x/y"));
        Assert.Null(read.Find("y"));
        Assert.Empty(read.Strings("absent"));
    }

    [Fact]
    public void Two_attributes_of_one_name_are_refused()
    {
        var root = new Hdf5WriteGroup();
        root.Attributes.Add(Hdf5WriteAttribute.Text("first_one", "a"));
        root.Attributes.Add(Hdf5WriteAttribute.Text("other_one", "b"));
        var bytes = Written(root);
        "first_one"u8.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf("other_one"u8)));
        Assert.Contains("two attributes of one name", Refused(bytes));
    }

    [Fact]
    public void A_message_that_must_be_known_is_refused()
    {
        var bytes = Golden("types.earliest");
        var message = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(64)) + 16;
        bytes[message] = 0x50;
        Assert.DoesNotContain("unknown type", Refused(bytes));
        bytes[message + 4] = 0x80;
        Assert.Contains("unknown type 80", Refused(bytes));
    }

    [Fact]
    public void A_user_defined_link_and_a_shared_type_are_refused()
    {
        Assert.Contains("user-defined", Hdf5Link.Parse([1, 8, 65, 1, (byte)'a']).Refusal);
        byte[] message = [3, 1, 2, 0, 8, 0, 4, 0, 0, (byte)'a', 0, .. new byte[12]];
        Assert.Contains("type is shared", Assert.Throws<Hdf5Exception>(() => Hdf5Attribute.Strings(message, null!)).Message);
        Assert.Contains("no reference", Assert.Throws<Hdf5Exception>(() => new StringFormat(true, 0).Read(new byte[8], null!)).Message);
        Assert.Equal("abc", new StringFormat(false, 0).Read("abc"u8, null!));
    }

    [Fact]
    public void A_chunk_that_unpacks_to_another_length_is_refused()
    {
        Assert.Contains("longer", Assert.Throws<Hdf5Exception>(() => LzfCompression.Expand([2, 1, 2, 3], 2)).Message);
        Assert.Contains("shorter", Assert.Throws<Hdf5Exception>(() => LzfCompression.Expand([0, 1], 3)).Message);
        Assert.Equal([1], LzfCompression.Expand([0, 1], 1));
    }

    [Fact]
    public void A_checksum_before_a_compressor_that_was_not_applied_adds_no_length()
    {
        byte[] numbers = [1, 2, 3, 4];
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
            zlib.Write(numbers);
        // Version 2 with two filters, fletcher32 and gzip.
        var pipeline = FilterPipeline.Parse(new byte[] { 2, 2, 3, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 6, 0, 0, 0 });
        Assert.Equal(numbers, pipeline.Undo(packed.ToArray(), skipped: 1, 4).ToArray());
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(8), InlineData(16)]
    public void Only_integers_of_whole_words_are_numbers(byte size)
    {
        var type = Datatype.Parse([0x10, 0, 0, 0, size, 0, 0, 0, 0, 0, (byte)(8 * size), 0]);
        Assert.Equal(size is 1 or 2 or 4 or 8 ? size : null, type.Number?.Size);
    }

    [Fact]
    public void A_structure_is_never_shorter_than_what_is_read_of_it()
    {
        Assert.Contains("checksum", Assert.Throws<Hdf5Exception>(() => Hdf5Checksum.Verify(new byte[3], "node")).Message);
        Assert.Contains("shorter", Assert.Throws<Hdf5Exception>(() => new Hdf5Cursor(new byte[3]).Take(-1)).Message);
    }

    [Fact]
    public void A_file_that_shrinks_or_fails_while_it_is_read_is_named()
    {
        Assert.Contains(
            "became shorter", Assert.Throws<Hdf5Exception>(() => new Hdf5Bytes(new Failing(null)).Read(0, new byte[8])).Message);
        var e = Assert.Throws<Hdf5Exception>(() => new Hdf5Bytes(new Failing(new IOException("bad disk"))).Read(0, new byte[8]));
        Assert.Contains("could not be read (bad disk)", e.Message);
    }

    [Fact]
    public void A_huge_object_is_found_by_its_key()
    {
        var bytes = Golden("legacy.dense_huge_attribute");
        var heap = new FractalHeap(new(new MemoryStream(bytes)), bytes.AsSpan().IndexOf("FRHP"u8));
        var first = heap.Read([0x10, 1, 0, 0, 0, 0, 0, 0]).ToArray();
        Assert.Equal(first, heap.Read([0x10, 1, 0, 0, 0, 0, 0, 0]).ToArray());
        Assert.Contains("missing", Assert.Throws<Hdf5Exception>(() => heap.Read([0x10, 99, 0, 0, 0, 0, 0, 0])).Message);
        Assert.Contains("wrong type", Assert.Throws<Hdf5Exception>(() => heap.Read([0x70, 1, 0, 0, 0, 0, 0, 0])).Message);
    }

    [Fact]
    public void A_heap_finds_objects_behind_two_blocks_of_pointers()
    {
        var heap = new FractalHeap(new(new MemoryStream(Heap(direct: 512, shared: false))), 0);
        Assert.Equal([7, 8, 9], heap.Read([0, 0x0f, 0x06, 3, 0]).ToArray());
        Assert.Contains("outside its heap", Assert.Throws<Hdf5Exception>(() => heap.Read([0, 0, 0x80, 3, 0])).Message);
        Assert.Contains("outside its heap", Assert.Throws<Hdf5Exception>(() => heap.Read([0, 0xff, 0x07, 3, 0])).Message);
    }

    [Fact]
    public void Two_blocks_of_a_heap_that_overlap_are_refused()
    {
        var heap = new FractalHeap(new(new MemoryStream(Heap(direct: 1024, shared: true))), 0);
        heap.Read([0, 0x0f, 0x02, 3, 0]);
        Assert.Contains("overlap", Assert.Throws<Hdf5Exception>(() => heap.Read([0, 0x0f, 0x04, 3, 0])).Message);
    }

    [Fact]
    public void A_name_that_HDF5_cannot_hold_is_refused_by_the_writer()
    {
        foreach (var name in new[] { "", ".", "a\0b" })
            Assert.Throws<ArgumentException>(() => new Hdf5WriteGroup().Add(name, Scalar()));
    }

    // A heap of one column whose blocks have 512, 512 and 1024 bytes. The last is a block of pointers to two of 512, unless 1024 are
    // direct.
    private static byte[] Heap(long direct, bool shared)
    {
        const int Head = 146, Root = 200, Child = 300, Block = 400, PointerHead = 15;
        var bytes = new byte[2000];
        "FRHP"u8.CopyTo(bytes);
        Write(10, 1000, 4);
        Write(110, 1, 2);
        Write(112, 512, 8);
        Write(120, direct, 8);
        Write(128, 16, 2);
        Write(132, Root, 8);
        Write(140, 3, 2);
        Repair(bytes, 0, Head);
        "FHIB"u8.CopyTo(bytes.AsSpan(Root));
        Write(Root + PointerHead + 8, Block, 8);
        Write(Root + PointerHead + 16, shared ? Block : Child, 8);
        Repair(bytes, Root, PointerHead + 3 * 8 + 4);
        "FHIB"u8.CopyTo(bytes.AsSpan(Child));
        Write(Child + PointerHead + 8, Block, 8);
        Repair(bytes, Child, PointerHead + 2 * 8 + 4);
        "FHDB"u8.CopyTo(bytes.AsSpan(Block));
        ((byte[])[7, 8, 9]).CopyTo(bytes.AsSpan(Block + PointerHead));
        return bytes;

        void Write(int at, long value, int length)
        {
            for (var i = 0; i < length; i++)
                bytes[at + i] = (byte)(value >> 8 * i);
        }
    }

    private static Hdf5WriteDataset Scalar() => new([], (_, destination) => destination.Clear());

    private static byte[] Written(Hdf5WriteGroup root)
    {
        using var stream = new MemoryStream();
        Hdf5Writer.Write(stream, root, TestContext.Current.CancellationToken);
        return stream.ToArray();
    }

    private static byte[] Golden(string name) => File.ReadAllBytes(Goldens.Path("h5", "layouts", name + ".weights.h5"));

    private static void Repair(byte[] bytes, int start, int length) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(start + length - 4), Hdf5Checksum.Lookup3(bytes.AsSpan(start, length - 4)));

    private static string Refused(byte[] bytes) => Assert.Throws<WeightsFormatException>(() => ReadAll(bytes)).Message;

    private static void ReadAll(byte[] bytes)
    {
        using var file = WeightFile.Open("bent.h5", new MemoryStream(bytes));
        foreach (var weight in file.Layers.SelectMany(l => l.Weights))
            weight.Read(0, new float[weight.Count]);
    }

    /// <summary>A file that claims bytes which it does not give.</summary>
    private sealed class Failing(IOException? error) : MemoryStream
    {
        public override long Length => 100;
        public override int Read(Span<byte> buffer) => error is null ? 0 : throw error;
        public override int Read(byte[] buffer, int offset, int count) => error is null ? 0 : throw error;
    }
}
