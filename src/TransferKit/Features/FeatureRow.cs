namespace TransferKit;

/// <summary>Represents the result for one file of a folder: its features or its error.</summary>
public sealed class FeatureRow
{
    private FeatureRow(string path, ReadOnlyMemory<float> features, IReadOnlyList<int> shape, Exception? error) =>
        (Path, Features, Shape, Error) = (path, features, shape, error);

    /// <summary>Creates the row of a file with features.</summary>
    /// <param name="path">The path of the file relative to the folder, with forward slashes.</param>
    /// <param name="features">The features, row-major.</param>
    /// <param name="shape">The dimensions of the features: <c>(channels)</c> or <c>(h, w, channels)</c>.</param>
    public static FeatureRow Of(string path, ReadOnlyMemory<float> features, IReadOnlyList<int> shape) => new(path, features, shape, null);

    /// <summary>Creates the row of a file that could not be read.</summary>
    /// <param name="path">The path of the file relative to the folder, with forward slashes.</param>
    /// <param name="error">The error of reading the file.</param>
    public static FeatureRow Skipped(string path, Exception error) => new(path, default, [], error);

    /// <summary>Gets the path of the file relative to the folder, with forward slashes on every system.</summary>
    public string Path { get; }

    /// <summary>Gets the features, row-major; empty if there is an <see cref="Error"/>.</summary>
    public ReadOnlyMemory<float> Features { get; }

    /// <summary>Gets the dimensions of the features: <c>(channels)</c> or <c>(h, w, channels)</c>.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Gets the error of reading the file; null if it has features.</summary>
    public Exception? Error { get; }

    /// <summary>Gets whether the file has no features.</summary>
    public bool IsSkipped => Error is not null;
}
