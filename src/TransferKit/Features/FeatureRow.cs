namespace TransferKit;

/// <summary>What became of one file of a folder: its features, or the reason why it has none.</summary>
public sealed class FeatureRow
{
    private FeatureRow(string path, ReadOnlyMemory<float> features, IReadOnlyList<int> shape, Exception? error) =>
        (Path, Features, Shape, Error) = (path, features, shape, error);

    /// <summary>A file that was read and run.</summary>
    /// <param name="path">Its path below the folder, with forward slashes.</param>
    /// <param name="features">Its numbers, row-major.</param>
    /// <param name="shape">Their dimensions: <c>(channels)</c> or <c>(h, w, channels)</c>.</param>
    public static FeatureRow Of(string path, ReadOnlyMemory<float> features, IReadOnlyList<int> shape) => new(path, features, shape, null);

    /// <summary>A file that could not be read.</summary>
    /// <param name="path">Its path below the folder, with forward slashes.</param>
    /// <param name="error">Why.</param>
    public static FeatureRow Skipped(string path, Exception error) => new(path, default, [], error);

    /// <summary>The file's path below the folder, with forward slashes on every system.</summary>
    public string Path { get; }

    /// <summary>The file's features, row-major; empty where <see cref="Error"/> says why there are none.</summary>
    public ReadOnlyMemory<float> Features { get; }

    /// <summary>The features' dimensions: <c>(channels)</c> or <c>(h, w, channels)</c>.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Why the file has no features; null where it has.</summary>
    public Exception? Error { get; }

    /// <summary>Whether the file has no features.</summary>
    public bool IsSkipped => Error is not null;
}
