using TransferKit.Engine;

namespace TransferKit.Backbones;

/// <summary>
/// The caller's pixels, bytes or floats, which stay pinned until the run ends. Several threads read them, and cannot share a span.
/// </summary>
internal readonly unsafe struct PinnedPixels(void* first, int length, bool areFloats)
{
    public int Length => length;

    private void Read(int start, Span<float> planar, int count, BackboneFacts facts)
    {
        var (height, width) = (facts.InputSize.Height, facts.InputSize.Width);
        if (areFloats)
        {
            TransferKit.Preprocess.ToPlanar(
                new ReadOnlySpan<float>((float*)first + start, planar.Length), planar, count, height, width, facts.Preprocess);
        }
        else
        {
            TransferKit.Preprocess.ToPlanar(
                new ReadOnlySpan<byte>((byte*)first + start, planar.Length), planar, count, height, width, facts.Preprocess);
        }
    }

    /// <summary>Returns the pixels as a batch of a network's images.</summary>
    public IImageBatch Batch(int count, BackboneFacts facts) => new ImageBatch(this, count, facts);

    private sealed class ImageBatch(PinnedPixels pixels, int count, BackboneFacts facts) : IImageBatch
    {
        public int Count => count;

        public void Read(int first, int count, Span<float> planar) =>
            pixels.Read(first * (planar.Length / count), planar, count, facts);
    }
}
