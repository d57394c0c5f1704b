namespace TransferKit.Analysis.Linear;

/// <summary>
/// Runs work on blocks of a range in parallel. The blocks do not depend on the number of cores, so neither do sums over them.
/// </summary>
internal static class Blocks
{
    /// <param name="from">The first index.</param>
    /// <param name="to">The end of the range.</param>
    /// <param name="size">The number of indices in a block.</param>
    /// <param name="work">The work on the indices from the first argument up to the second, exclusive.</param>
    /// <param name="cancellationToken">Token to cancel the work, between blocks.</param>
    public static void Run(int from, int to, int size, Action<int, int> work, CancellationToken cancellationToken = default)
    {
        if (to - from <= size)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (to > from)
                work(from, to);
            return;
        }
        Parallel.For(0, (to - from + size - 1) / size, new ParallelOptions { CancellationToken = cancellationToken }, block =>
        {
            var first = from + block * size;
            work(first, Math.Min(first + size, to));
        });
    }
}
