namespace TransferKit;

/// <summary>Represents the result for one file of a folder: its features or its error.</summary>
public sealed class FeatureRow
{
    private FeatureRow(
        string path, ReadOnlyMemory<float> features, IReadOnlyList<int> shape, Exception? error, ImageFileDetails? file) =>
        (Path, Features, Shape, Error, File) = (path, features, shape, error, file);

    /// <summary>Creates the row of a file with features.</summary>
    /// <param name="path">The path of the file relative to the folder, with forward slashes.</param>
    /// <param name="features">The features, row-major.</param>
    /// <param name="shape">The dimensions of the features: <c>(channels)</c> or <c>(h, w, channels)</c>.</param>
    /// <param name="file">The details of the file; null if they are not known.</param>
    public static FeatureRow Of(
        string path, ReadOnlyMemory<float> features, IReadOnlyList<int> shape, ImageFileDetails? file = null) =>
        new(path, features, shape, null, file);

    /// <summary>Creates the row of a file that could not be read.</summary>
    /// <param name="path">The path of the file relative to the folder, with forward slashes.</param>
    /// <param name="error">The error of reading the file.</param>
    /// <param name="file">The details of the file; null if they are not known.</param>
    public static FeatureRow Skipped(string path, Exception error, ImageFileDetails? file = null) => new(path, default, [], error, file);

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

    /// <summary>Gets why the file has no features; <see cref="SkipReason.None"/> if it has some.</summary>
    public SkipReason Reason => SkipReasons.Of(Error);

    /// <summary>
    /// Gets the details of the file. Defaults to null, unless <see cref="FeatureExtractorOptions.FileDetails"/> asks for them.
    /// </summary>
    public ImageFileDetails? File { get; }
}
