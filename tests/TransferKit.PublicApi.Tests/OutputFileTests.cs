using System.IO.Compression;

namespace TransferKit.PublicApi.Tests;

public class OutputFileTests
{
    [Fact]
    public async Task Every_writer_refuses_the_extension_of_another_format()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("x.parquet");

        Assert.Equal([".npz"], Assert.Throws<OutputFormatException>(() => new NpzSink(path)).Extensions);
        Assert.Equal(
            [".npz"],
            Assert.Throws<OutputFormatException>(
                () => new FeatureExtractor(SharedBackbone.MobileNet).Extract(folder.Path, path)).Extensions);
        Assert.Equal(
            [".onnx"],
            Assert.Throws<OutputFormatException>(() => Backbone.ExportOnnx("mobilenet_v2", path, SharedBackbone.Options)).Extensions);
        Assert.Equal(
            [".h5"],
            Assert.Throws<OutputFormatException>(() => Backbone.SaveWeights("mobilenet_v2", path, SharedBackbone.Options)).Extensions);
        var bundle = await Assert.ThrowsAsync<OutputFormatException>(
            () => new WeightStore().ExportAsync(path, [WeightStore.WeightsFile("resnet50", new())]));
        Assert.Equal([".zip"], bundle.Extensions);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("m.onnx")]
    [InlineData("w.h5")]
    public void A_link_is_kept_and_its_target_written(string name)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("real"));
        File.CreateSymbolicLink(folder.File(name), folder.File("real", name));

        if (name.EndsWith(".onnx", StringComparison.Ordinal))
            Backbone.ExportOnnx("mobilenet_v2", folder.File(name), SharedBackbone.Options);
        else
            Backbone.SaveWeights("mobilenet_v2", folder.File(name), SharedBackbone.Options);

        Assert.NotNull(new FileInfo(folder.File(name)).LinkTarget);
        Assert.True(new FileInfo(folder.File("real", name)).Length > 1_000_000);
    }

    [Fact]
    public async Task A_sink_to_a_stream_writes_once_forward_and_leaves_it_open()
    {
        using var bytes = new MemoryStream();
        await using (var sink = new NpzSink(new Forward(bytes)))
        {
            await sink.WriteAsync(FeatureRow.Of("a.jpg", new float[] { 1, 2, 3 }, [3]));
            Assert.Equal(0, bytes.Length);
            Assert.Null(sink.Target);
            await sink.CompleteAsync();
        }

        using var zip = new ZipArchive(bytes);
        Assert.Equal(["names.npy", "features.npy"], zip.Entries.Select(e => e.FullName));
    }

    [Fact]
    public void A_stream_that_cannot_be_written_is_refused() =>
        Assert.Throws<ArgumentException>(() => new NpzSink(new MemoryStream([], writable: false)));

    [Fact]
    public async Task Rows_that_wait_leave_nothing_even_where_the_process_is_killed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows deletes them when the process ends.");
        using var folder = new TemporaryFolder();

        await using var sink = new NpzSink(folder.File("f.npz"));
        await sink.WriteAsync(FeatureRow.Of("a.jpg", new float[100_000], [100_000]));

        // The file of rows is open and has no name.
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private sealed class Forward(Stream to) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() => to.Flush();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => to.Write(buffer, offset, count);
    }
}
