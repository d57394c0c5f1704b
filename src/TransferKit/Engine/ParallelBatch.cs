using System.Runtime.ExceptionServices;

namespace TransferKit.Engine;

/// <summary>
/// Reads the images of a slice on all cores, one image at a time on each. The session that computes the slice waits for its last image, so
/// one thread alone would leave a GPU or the other cores idle.
/// </summary>
internal sealed unsafe class ParallelBatch(IImageBatch images) : IImageBatch
{
    public int Count => images.Count;

    public void Read(int first, int count, Span<float> planar)
    {
        if (count == 1)
        {
            images.Read(first, count, planar);
            return;
        }
        var length = planar.Length / count;
        fixed (float* pinned = planar)
        {
            var start = pinned;
            try
            {
                Parallel.For(0, count, i => images.Read(first + i, 1, new(start + (nint)i * length, length)));
            }
            catch (AggregateException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }
        }
    }
}
