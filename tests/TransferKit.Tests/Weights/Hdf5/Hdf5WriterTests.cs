using System.IO.Compression;
using PureHDF;
using PureHDF.VOL.Native;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.Tests.WeightSources.Hdf5;

/// <summary>
/// Reads the files of the writer by PureHDF, which shares no line with it. <see cref="Hdf5WriterH5pyTests"/> asks h5py.
/// </summary>
public class Hdf5WriterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(0, 3)]
    [InlineData(3, 0)]
    [InlineData(7, 3)]
    [InlineData(2, 3, 5)]
    [InlineData(3, 3, 3, 16)]
    [InlineData(2, 3, 1, 4, 5)]
    [InlineData(5_000_001)]
    public void An_array_of_any_shape_is_read_back_number_for_number(params int[] shape)
    {
        var root = new Hdf5WriteGroup();
        root.Add("x", Numbers(7, shape));
        using var file = Read(root);
        var dataset = file.Dataset("x");
        Assert.Equal(shape.Select(d => (ulong)d), dataset.Space.Dimensions);
        if (shape.Length == 0)
            Assert.Equal(7f, dataset.Read<float>());
        else
            Assert.Equal(Expected(7, shape), shape.Contains(0) ? [] : dataset.Read<float[]>());
    }

    // A node of the B-tree has 32 children of 8 links each: 256 links need one level, 257 two, 8193 three.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(8193)]
    public void A_group_holds_any_number_of_links(int count)
    {
        var root = new Hdf5WriteGroup();
        var group = root.Group("layers");
        for (var i = 0; i < count; i++)
            group.Add($"layer_{i * 7919L % 65537}", Numbers(i));
        using var file = Read(root);
        var read = file.Group("layers");
        Assert.Equal(count, read.Children().Count());
        for (var i = 0; i < count; i += 1 + count / 200)
            Assert.Equal((float)i, read.Dataset($"layer_{i * 7919L % 65537}").Read<float>());
        Assert.False(read.LinkExists("layer"));
        Assert.False(read.LinkExists("zzz"));
    }

    [Fact]
    public void Names_in_any_language_are_found()
    {
        string[] names = ["a", "ab", "Z", "größe", "слой", "层", "\uff5e", "a b:0"];
        var root = new Hdf5WriteGroup();
        foreach (var (i, name) in names.Index())
            root.Add($"{name}/{name}", Numbers(i));
        using var file = Read(root);
        Assert.Equal(names.Order(), file.Children().Select(c => c.Name).Order());
        foreach (var (i, name) in names.Index())
            Assert.Equal((float)i, file.Dataset($"{name}/{name}").Read<float>());
    }

    [Fact]
    public void Keras_3_finds_its_layout()
    {
        var root = new Hdf5WriteGroup();
        root.Add("layers/conv2d/vars/0", Numbers(1, 3, 3, 3, 4));
        root.Add("layers/conv2d/vars/1", Numbers(2, 4));
        root.Group("layers/conv2d/vars").Attributes.Add(Hdf5WriteAttribute.Text("name", "c1"));
        root.Group("optimizer/vars");
        using var written = WeightFile.Open("written.weights.h5", Written(root));
        Assert.Equal(WeightLayout.Keras3, written.Layout);
        var layer = Assert.Single(written.Layers);
        Assert.Equal("conv2d", layer.Name);
        Assert.Equal([[3, 3, 3, 4], [4]], layer.Weights.Select(w => w.Shape.ToArray()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4_000)]
    [InlineData(70_000)]
    [InlineData(3_000_000)]
    public void A_text_of_any_length_is_an_attribute(int length)
    {
        var ascii = string.Create(length, 0, (span, _) => span.Fill('k'));
        var root = new Hdf5WriteGroup();
        root.Attributes.Add(Hdf5WriteAttribute.Text("before", "größe"));
        root.Attributes.Add(Hdf5WriteAttribute.Text("model_config", ascii));
        root.Attributes.Add(Hdf5WriteAttribute.Text("after", "層"));
        using var file = Read(root);
        Assert.Equal("größe", file.Attribute("before").Read<string>());
        Assert.Equal(ascii, file.Attribute("model_config").Read<string>());
        Assert.Equal("層", file.Attribute("after").Read<string>());
    }

    [Fact]
    public void A_thousand_texts_and_lists_are_attributes()
    {
        var root = new Hdf5WriteGroup();
        for (var i = 0; i < 1000; i++)
        {
            root.Attributes.Add(Hdf5WriteAttribute.Text($"text{i}", new string('t', i)));
            root.Attributes.Add(Hdf5WriteAttribute.Strings($"list{i}", [$"{i}", "größe", ""]));
        }
        using var file = Read(root);
        for (var i = 0; i < 1000; i += 37)
        {
            Assert.Equal(new string('t', i), file.Attribute($"text{i}").Read<string>());
            Assert.Equal([$"{i}", "größe", ""], file.Attribute($"list{i}").Read<string[]>());
        }
    }

    [Fact]
    public void An_empty_list_is_numpys_empty_array()
    {
        var root = new Hdf5WriteGroup();
        root.Attributes.Add(Hdf5WriteAttribute.Strings("weight_names", []));
        using var file = Read(root);
        Assert.Equal([0UL], file.Attribute("weight_names").Space.Dimensions);
        Assert.Equal(H5DataTypeClass.FloatingPoint, file.Attribute("weight_names").Type.Class);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a//b")]
    [InlineData("a\0b")]
    public void What_is_no_name_in_HDF5_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => new Hdf5WriteGroup().Group(name));
        Assert.Throws<ArgumentException>(() => new Hdf5WriteGroup().Add(name, Numbers(1)));
    }

    [Fact]
    public void Two_objects_of_one_path_are_refused()
    {
        var root = new Hdf5WriteGroup();
        root.Add("a/x", Numbers(1));
        Assert.Throws<ArgumentException>(() => root.Add("a/x", Numbers(2)));
        Assert.Throws<ArgumentException>(() => root.Add("a", Numbers(2)));
        Assert.Throws<ArgumentException>(() => root.Add("a/x/y", Numbers(2)));
    }

    [Fact]
    public void What_HDF5_cannot_hold_is_refused_by_name()
    {
        var e = Assert.Throws<NotSupportedException>(() => Hdf5WriteAttribute.Strings("layer_names", [new string('x', 70_000)]));
        Assert.Contains("layer_names", e.Message);
        Assert.Throws<NotSupportedException>(() => Hdf5WriteAttribute.Strings("layer_names", [.. Enumerable.Repeat("name", 20_000)]));
        Assert.Throws<NotSupportedException>(() => Numbers(1, [.. Enumerable.Repeat(1, 33)]));
        Assert.Throws<ArgumentException>(() => Hdf5WriteAttribute.Text("größe", ""));
        var root = new Hdf5WriteGroup();
        for (var i = 0; i < 65536; i++)
            root.Attributes.Add(Hdf5WriteAttribute.Strings("a", []));
        Assert.Throws<NotSupportedException>(() => Hdf5Writer.Write(Stream.Null, root, Token));
        foreach (var name in (string[])["", ".", "a\0b"])
            Assert.Throws<ArgumentException>(() => root.Group(name));
    }

    [Fact]
    public void The_longest_list_that_fits_a_header_is_read_back()
    {
        string[] names = [.. Enumerable.Range(0, NameListCount).Select(i => $"{i:D16}")];
        var root = new Hdf5WriteGroup();
        root.Attributes.Add(Hdf5WriteAttribute.Strings("layer_names", names));
        using var file = Read(root);
        Assert.Equal(names, file.Attribute("layer_names").Read<string[]>());
    }

    private const int NameListCount = 64512 / 16;

    [Fact]
    public void The_same_tree_gives_the_same_bytes_and_a_stream_that_cannot_seek_will_do()
    {
        var root = Sample();
        var bytes = Written(root).ToArray();
        Assert.Equal(bytes, Written(root).ToArray());
        using var inner = new MemoryStream();
        using (var forward = new DeflateStream(inner, CompressionLevel.NoCompression, leaveOpen: true))
            Hdf5Writer.Write(forward, root, Token);
        inner.Position = 0;
        using var back = new MemoryStream();
        using (var deflated = new DeflateStream(inner, CompressionMode.Decompress))
            deflated.CopyTo(back);
        Assert.Equal(bytes, back.ToArray());
    }

    [Fact]
    public void Cancelling_ends_the_writing_between_two_pieces()
    {
        using var cancellation = new CancellationTokenSource();
        var reads = 0;
        var root = new Hdf5WriteGroup();
        root.Add("x", new([5000, 5000], (_, _) =>
        {
            reads++;
            cancellation.Cancel();
        }));
        Assert.Throws<OperationCanceledException>(() => Hdf5Writer.Write(Stream.Null, root, cancellation.Token));
        Assert.Equal(1, reads);
    }

    [Fact]
    public void No_array_is_asked_for_whole()
    {
        var (longest, next) = (0, 0L);
        var root = new Hdf5WriteGroup();
        root.Add("x", new([3000, 5000], (start, numbers) =>
        {
            Assert.Equal(next, start);
            next += numbers.Length;
            longest = Math.Max(longest, numbers.Length);
        }));
        Hdf5Writer.Write(Stream.Null, root, Token);
        Assert.Equal(15_000_000, next);
        Assert.True(longest <= 1 << 22);
    }

    /// <summary>A tree of every kind of object and attribute.</summary>
    internal static Hdf5WriteGroup Sample()
    {
        var root = new Hdf5WriteGroup();
        root.Attributes.Add(Hdf5WriteAttribute.Strings("layer_names", ["conv", "größe", "层"]));
        root.Attributes.Add(Hdf5WriteAttribute.Text("backend", "tensorflow"));
        root.Attributes.Add(Hdf5WriteAttribute.Text("model_config", new string('m', 100_000)));
        root.Attributes.Add(Hdf5WriteAttribute.Text("note", "größe 层 😀"));
        root.Group("empty").Attributes.Add(Hdf5WriteAttribute.Strings("weight_names", []));
        // UTF-8 puts the last behind the one before it, UTF-16 the other way; PureHDF looks names up as UTF-16.
        foreach (var name in (string[])["a", "ab", "Z", "größe", "слой", "\uff5e", "\U0001f600"])
            root.Group($"order/{name}");
        int[][] shapes = [[], [0], [3], [0, 3], [2, 3], [2, 3, 4], [3, 3, 2, 5], [2, 1, 3, 2, 2]];
        foreach (var (i, shape) in shapes.Index())
            root.Add($"shapes/größe/层_{i}:0", Numbers(i, shape));
        for (var i = 0; i < 3000; i++)
            root.Add($"layers/dense_{i}/vars/0", Numbers(i, 2));
        return root;
    }

    /// <summary>An array that counts up from a number.</summary>
    internal static Hdf5WriteDataset Numbers(int first, params int[] shape) => new([.. shape], (start, numbers) =>
    {
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = first + start + i;
    });

    private static float[] Expected(int first, int[] shape) =>
        [.. Enumerable.Range(0, shape.Aggregate(1, (product, d) => product * d)).Select(i => (float)(first + i))];

    private static MemoryStream Written(Hdf5WriteGroup root)
    {
        var stream = new MemoryStream();
        Hdf5Writer.Write(stream, root, Token);
        Assert.Equal(stream.Length, FileSignature.Hdf5Length(stream.ToArray().AsSpan(0, 512)));
        stream.Position = 0;
        return stream;
    }

    private static NativeFile Read(Hdf5WriteGroup root) => H5File.Open(Written(root));
}
