using System.Runtime.CompilerServices;

namespace TransferKit.FeatureSets.Extraction;

/// <summary>Represents rows in the order of their paths, which are opened when their first row is due.</summary>
/// <param name="First">The path of the first row.</param>
/// <param name="Open">Opens the rows. A row is valid until the next one is read.</param>
internal sealed record SortedRows(string First, Func<IAsyncEnumerable<FeatureRow>> Open);

/// <summary>Merges sorted rows into one order. Few are open at a time, because the pieces of a shard seldom overlap.</summary>
internal static class RowMerge
{
    public static async IAsyncEnumerable<FeatureRow> MergeAsync(
        IEnumerable<SortedRows> sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var closed = new Queue<SortedRows>(sources.OrderBy(s => s.First, StringComparer.Ordinal));
        var open = new PriorityQueue<IAsyncEnumerator<FeatureRow>, string>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                while (closed.TryPeek(out var next)
                    && (!open.TryPeek(out _, out var least) || string.CompareOrdinal(next.First, least) <= 0))
                {
                    await AddAsync(closed.Dequeue().Open().GetAsyncEnumerator(cancellationToken)).ConfigureAwait(false);
                }
                if (!open.TryDequeue(out var rows, out _))
                    yield break;
                yield return rows.Current;
                await AddAsync(rows).ConfigureAwait(false);
            }
        }
        finally
        {
            while (open.TryDequeue(out var rows, out _))
                await rows.DisposeAsync().ConfigureAwait(false);
        }

        async ValueTask AddAsync(IAsyncEnumerator<FeatureRow> rows)
        {
            if (await rows.MoveNextAsync().ConfigureAwait(false))
                open.Enqueue(rows, rows.Current.Path);
            else
                await rows.DisposeAsync().ConfigureAwait(false);
        }
    }
}
