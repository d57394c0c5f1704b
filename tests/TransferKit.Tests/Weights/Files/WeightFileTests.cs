using System.Text;
using TransferKit.Architectures;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Tests.WeightSources.Files;

public class WeightFileTests
{
    [Theory]
    [InlineData("written_by_keras.h5")]
    [InlineData("legacy.h5")]
    [InlineData("scrambled_names.h5")]
    [InlineData("split_lists.h5")]
    [InlineData("float16.h5")]
    [InlineData("whole_model.h5")]
    [InlineData("keras3.weights.h5")]
    [InlineData("tensorflow_2_13.weights.h5")]
    [InlineData("whole.keras")]
    public void Every_layout_of_Keras_gives_the_same_weights(string file)
    {
        var graph = SmallModel.Build();
        using var bound = WeightBinder.Bind(WeightFile.Open(SmallModel.File(file)), graph);
        Assert.Equal(SmallModel.Expected(graph), bound.ReadAll(graph));
    }

    [Theory]
    [InlineData("legacy.h5")]
    [InlineData("scrambled_names.h5")]
    [InlineData("float16.h5")]
    public void Weights_read_in_pieces_equal_weights_read_at_once(string file)
    {
        var graph = SmallModel.Build();
        using var bound = WeightBinder.Bind(WeightFile.Open(SmallModel.File(file)), graph);
        var layer = graph.Layers.Single(l => l.Name == "c1");
        var kernel = layer.Weights[0];
        var pieces = new List<float>();
        for (var at = 0; at < kernel.Count; at += 7)
            pieces.AddRange(bound.Read(layer, kernel, at, (int)Math.Min(7, kernel.Count - at)));
        Assert.Equal(bound.Read(layer, kernel), pieces);
    }

    [Fact]
    public void Weights_inside_a_Sequential_are_found_where_Keras_3_puts_them()
    {
        var graph = SmallModel.BuildNested();
        using var bound = WeightBinder.Bind(WeightFile.Open(SmallModel.File("nested.weights.h5")), graph);
        Assert.Equal(SmallModel.Expected(graph), bound.ReadAll(graph));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stream_is_read_like_a_file(bool seekable)
    {
        var graph = SmallModel.Build();
        Stream stream = File.OpenRead(SmallModel.File("legacy.h5"));
        using var bound = WeightBinder.Bind(WeightFile.Open("embedded", seekable ? stream : new Unseekable(stream)), graph);
        Assert.Equal(SmallModel.Expected(graph), bound.ReadAll(graph));
    }

    [Fact]
    public void The_real_weights_of_MobileNetV2_list_their_layers()
    {
        using var file = WeightFile.Open(RealWeights.Path);
        Assert.Equal(155, file.Layers.Length);
        Assert.Equal("Conv1/kernel:0", file.Layers.First(l => !l.Weights.IsEmpty).Weights[0].Name);
        Assert.Equal(410208, file.Layers.Sum(l => l.Weights.Sum(w => w.Count)));
    }

    [Fact]
    public void A_file_has_a_fingerprint_of_its_bytes()
    {
        var graph = SmallModel.Build();
        using var one = WeightBinder.Bind(WeightFile.Open(SmallModel.File("legacy.h5")), graph);
        using var other = WeightBinder.Bind(WeightFile.Open(SmallModel.File("float16.h5")), graph);
        Assert.StartsWith("file:", one.Fingerprint);
        Assert.NotEqual(one.Fingerprint, other.Fingerprint);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html>Please log in</html>", "HTML page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00", "Git LFS pointer")]
    [InlineData("", "empty")]
    [InlineData("{\"error\": 1}", "JSON")]
    [InlineData("PK\u0003\u0004rubbish", "zip")]
    [InlineData("some text", "does not start with the HDF5 signature")]
    public void What_is_no_HDF5_file_is_called_what_it_is(string content, string says)
    {
        var e = Assert.Throws<WeightsFormatException>(
            () => WeightFile.Open("there.h5", new MemoryStream(Encoding.Latin1.GetBytes(content))));
        Assert.Equal("there.h5", e.File);
        Assert.Contains(says, e.Message);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void A_file_that_is_cut_off_is_refused_on_opening(double part)
    {
        var bytes = File.ReadAllBytes(SmallModel.File("legacy.h5"));
        var e = Assert.Throws<WeightsFormatException>(
            () => WeightFile.Open("cut.h5", new MemoryStream(bytes[..(int)(bytes.Length * part)])));
        Assert.Contains("cut off", e.Message);
    }

    [Fact]
    public void A_list_that_claims_a_length_beyond_all_files_is_refused_before_it_is_read()
    {
        // This is the length of layer_names, the only list of seven.
        var bytes = File.ReadAllBytes(SmallModel.File("scrambled_names.h5"));
        var at = bytes.AsSpan().IndexOf("layer_names"u8);
        var length = at + bytes.AsSpan(at).IndexOf((ReadOnlySpan<byte>)[7, 0, 0, 0, 0, 0, 0, 0]);
        bytes[length + 3] = 0x20;
        var e = Assert.Throws<WeightsFormatException>(() => WeightFile.Open("long.h5", new MemoryStream(bytes)));
        Assert.Contains("claims a length", e.Message);
    }

    [Fact]
    public void Damage_anywhere_gives_an_exception_that_names_the_file_or_wrong_numbers_never_another_exception()
    {
        var graph = SmallModel.Build();
        var whole = File.ReadAllBytes(SmallModel.File("scrambled_names.h5"));
        var random = new Random(1);
        for (var run = 0; run < 300; run++)
        {
            var damaged = (byte[])whole.Clone();
            for (var i = 0; i < 1 + run % 5; i++)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                using var bound = WeightBinder.Bind(WeightFile.Open("damaged.h5", new MemoryStream(damaged)), graph);
                bound.ReadAll(graph);
            }
            catch (TransferKitException e)
            {
                Assert.Contains("damaged.h5", e.Message);
            }
        }
    }

    private sealed class Unseekable(Stream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
