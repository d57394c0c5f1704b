using TransferKit.Engine;

namespace TransferKit.Tests.Engine;

public class ParallelBatchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Each_image_of_a_slice_is_read_into_its_place(int count)
    {
        var planar = new float[3 * count];

        new ParallelBatch(new Numbered(100)).Read(7, count, planar);

        Assert.Equal(Enumerable.Range(7, count).SelectMany(image => Enumerable.Repeat((float)image, 3)), planar);
    }

    [Fact]
    public void Images_of_a_slice_are_read_at_once()
    {
        Assert.SkipWhen(ProcessorShare.Processors == 1, "There is one core.");
        using var together = new Barrier(2);
        var batch = new Numbered(2) { OnRead = _ => Assert.True(together.SignalAndWait(TimeSpan.FromMinutes(1))) };

        new ParallelBatch(batch).Read(0, 2, new float[6]);
    }

    [Fact]
    public void An_image_that_cannot_be_read_gives_its_own_error()
    {
        var batch = new Numbered(9) { OnRead = image => throw new InvalidOperationException($"image {image}") };

        Assert.StartsWith(
            "image", Assert.Throws<InvalidOperationException>(() => new ParallelBatch(batch).Read(0, 9, new float[27])).Message);
    }

    /// <summary>Images whose numbers are their places in the batch.</summary>
    private sealed class Numbered(int count) : IImageBatch
    {
        public Action<int>? OnRead { get; init; }

        public int Count => count;

        public void Read(int first, int count, Span<float> planar)
        {
            OnRead?.Invoke(first);
            for (var i = 0; i < count; i++)
                planar.Slice(i * planar.Length / count, planar.Length / count).Fill(first + i);
        }
    }
}
