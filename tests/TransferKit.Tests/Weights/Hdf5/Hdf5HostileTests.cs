using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Store;

namespace TransferKit.Tests.WeightSources.Hdf5;

/// <summary>
/// Files that lead outside, go round in circles, claim what they do not hold, or hold no numbers: each is refused with a
/// message that names the object and says what it is.
/// </summary>
public class Hdf5HostileTests
{
    [Theory]
    [InlineData("self_link.h5", "'/model_weights' is a soft link")]
    [InlineData("two_links.h5", "'/layers' is a soft link")]
    [InlineData("two_links.latest.h5", "'/layers' is a soft link")]
    [InlineData("soft_link.h5", "'/c1/c1/kernel:0' is a soft link")]
    [InlineData("external_link.h5", "'/c1/c1/kernel:0' is an external link to another file")]
    [InlineData("external_link_to_layer.h5", "'/c1' is an external link to another file")]
    [InlineData("external_storage.h5", "'/c1/c1/kernel:0' has its numbers in other files")]
    [InlineData("virtual.h5", "'/c1/c1/kernel:0' is a virtual dataset")]
    [InlineData("virtual_missing.h5", "'/c1/c1/kernel:0' is a virtual dataset")]
    [InlineData("folder_within_itself.weights.h5", "reached a second time")]
    [InlineData("twenty_levels.weights.h5", "reached a second time")]
    [InlineData("forty_levels.weights.h5", "more than 64 groups deep")]
    [InlineData("deep.weights.h5", "more than 64 groups deep")]
    [InlineData("long_path.h5", "more than 64 groups deep")]
    [InlineData("never_written.h5", "'/c1/c1/kernel:0' has numbers that were never written")]
    [InlineData("never_written_chunks.h5", "'/c1/c1/kernel:0' has numbers that were never written")]
    [InlineData("partly_written.h5", "'/c1/c1/kernel:0' has numbers that were never written")]
    [InlineData("committed_type.h5", "'/c1/c1/kernel:0' shares its Datatype message")]
    [InlineData("type_in_place.h5", "'/c1/c1/kernel:0' is neither a group nor an array")]
    [InlineData("plug_in_filter.h5", "'/c1/c1/kernel:0' uses filter 32015, which is a plug-in")]
    [InlineData("nbit.h5", "'/c1/c1/kernel:0' is packed by the filter nbit")]
    [InlineData("scale_offset.h5", "'/c1/c1/kernel:0' is packed by the filter scaleoffset")]
    [InlineData("null_space.h5", "'/c1/c1/kernel:0' has no shape")]
    [InlineData("records.h5", "it holds records of 8 bytes, not numbers")]
    [InlineData("opaque.h5", "it holds opaque bytes of 2 bytes, not numbers")]
    [InlineData("long_double.h5", "it holds floats of 16 bytes, not numbers")]
    [InlineData("texts.h5", "it holds strings of 4 bytes, not numbers")]
    [InlineData("names_as_numbers.h5", "its list layer_names holds integers of 8 bytes, not names")]
    [InlineData("layer_twice.h5", "lists layer 'bn1' twice")]
    [InlineData("weight_twice.h5", "lists a weight 'bn1/gamma:0' twice")]
    [InlineData("user_block.h5", "does not start with the HDF5 signature")]
    public void A_hostile_file_is_refused_by_name(string name, string says)
    {
        var e = Assert.Throws<WeightsFormatException>(() => ReadAll(name));
        Assert.Contains(says, e.Message);
        Assert.Contains(name, e.Message);
        Assert.EndsWith(name, e.File);
    }

    [Theory]
    [InlineData("nan.h5", "layer 'c1' has a kernel ('c1/kernel:0' in the file) whose number [2, 0, 1, 3] is not a number (NaN)")]
    [InlineData("infinite.h5", "layer 'c1' has a kernel ('c1/kernel:0' in the file) whose number [0, 1, 2, 0] is infinite")]
    [InlineData("infinite_as_float.h5", "layer 'c1' has a kernel ('c1/kernel:0' in the file) whose number [0, 0, 0, 0] is infinite")]
    public void A_number_that_is_not_finite_is_refused_with_its_place(string name, string says)
    {
        Assert.Contains(says, Assert.Throws<WeightsFormatException>(() => ReadAll(name)).Message);
    }

    [Fact]
    public void The_place_of_a_number_that_is_not_finite_counts_from_the_start_of_the_weight()
    {
        var graph = SmallModel.Build();
        using var bound = WeightBinder.Bind(WeightFile.Open(Goldens.Path("h5", "hostile", "nan.h5")), graph);
        var layer = graph.Layers.Single(l => l.Name == "c1");
        var e = Assert.Throws<WeightsFormatException>(() => bound.Read(layer, layer.Weights[0], 70, 20));
        Assert.Contains("[2, 0, 1, 3]", e.Message);
        Assert.Equal(1f, bound.Read(layer, layer.Weights[0], 0, 70)[69]);
    }

    [Fact]
    public async Task A_file_that_starts_as_no_weight_file_does_is_refused_before_the_rest_is_read()
    {
        var page = new CountingStream("<!DOCTYPE html>"u8.ToArray(), 3L << 30);
        var weights = Weights.FromStream("page.h5", () => page);
        var token = TestContext.Current.CancellationToken;
        var e = await Assert.ThrowsAsync<WeightsFormatException>(
            () => WeightLoader.OpenAsync(weights, SmallModel.Build(), null, false, WeightStore.Default, cancellationToken: token));
        Assert.Contains("HTML page", e.Message);
        Assert.InRange(page.BytesRead, 1, 4096);
    }

    private static void ReadAll(string name)
    {
        var graph = SmallModel.Build();
        using var bound = WeightBinder.Bind(WeightFile.Open(Goldens.Path("h5", "hostile", name)), graph);
        bound.ReadAll(graph);
    }

    /// <summary>A long file of which only the head is anything but zeros, and which counts what is read.</summary>
    private sealed class CountingStream(byte[] head, long length) : Stream
    {
        public long BytesRead { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get; set; }
        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = (int)Math.Min(count, length - Position);
            for (var i = 0; i < count; i++)
                buffer[offset + i] = Position + i < head.Length ? head[Position + i] : (byte)0;
            Position += count;
            BytesRead += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
