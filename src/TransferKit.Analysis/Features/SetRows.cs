using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace TransferKit.Analysis.Features;

/// <summary>Reads the rows of a feature set that have features, and detects that another process changes the set meanwhile.</summary>
internal static class SetRows
{
    /// <summary>Runs an operation that reads a set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="read">The operation.</param>
    /// <param name="written">The paths of files that the operation writes itself, perhaps beside those of the set.</param>
    /// <exception cref="FeatureDataException">The set changed before the operation ended, whatever came of it.</exception>
    public static async Task<T> UnchangedAsync<T>(FeatureSet set, Func<Task<T>> read, params IReadOnlyList<string> written)
    {
        var before = Files(set.Path, written);
        T result;
        try
        {
            result = await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is FeatureSetException or FeatureDataException or IOException && Files(set.Path, written) != before)
        {
            throw Changed(set.Path, e);
        }
        return Files(set.Path, written) == before ? result : throw Changed(set.Path, null);
    }

    /// <summary>Reads the rows one after another.</summary>
    /// <param name="set">The set.</param>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    /// <exception cref="FeatureDataException">A number is NaN or infinite.</exception>
    public static async IAsyncEnumerable<FeatureRow> ReadAsync(
        FeatureSet set, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in set.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (row.IsSkipped)
                continue;
            ThrowIfNotFinite(row.Path, row.Features.Span);
            yield return row;
        }
    }

    public static void ThrowIfNotFinite(string name, ReadOnlySpan<float> features)
    {
        if (TensorPrimitives.IsFiniteAll(features))
            return;
        throw new FeatureDataException(
            FeatureDataError.NotFinite,
            $"The features of '{name}' have a number that is NaN or infinite. Extract them again, or leave the row out.");
    }

    public static FeatureDataException Changed(string path, Exception? inner) => new(
        FeatureDataError.Changed, $"'{path}' changed while it was read. Wait until its extraction has ended, and read it again.", inner);

    // Another writer replaces files, so their times or lengths differ.
    private static string Files(string path, IReadOnlyList<string> written)
    {
        FileInfo[] files = Directory.Exists(path) ? new DirectoryInfo(path).GetFiles() : [new(path)];
        return string.Join('\n', files.Where(f => !written.Contains(f.FullName)).OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => f.Exists ? $"{f.Name} {f.Length} {f.LastWriteTimeUtc.Ticks}" : ""));
    }
}
