using TransferKit.Common;
using TransferKit.FeatureSets.Files;

namespace TransferKit;

/// <summary>Creates sinks to files of several formats.</summary>
public static class FeatureSinks
{
    private static readonly Dictionary<string, Func<string, FeatureSink>> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        [".npz"] = path => new NpzSink(path),
        [".npy"] = path => new NpySink(path),
        [".parquet"] = path => new ParquetSink(path),
        [".csv"] = path => new CsvSink(path),
        [".jsonl"] = path => new JsonLinesSink(path),
        [".arrow"] = path => new ArrowSink(path),
    };

    /// <summary>
    /// Gets the extensions of the supported formats: <c>.npz</c>, <c>.npy</c>, <c>.parquet</c>, <c>.csv</c>, <c>.jsonl</c> and
    /// <c>.arrow</c>.
    /// </summary>
    public static IReadOnlyList<string> Extensions { get; } = [.. Formats.Keys];

    /// <summary>Checks that a file can be written, before long work.</summary>
    /// <param name="path">The path of the file.</param>
    /// <returns>False for a pipe or a device, which is written as <c>.npz</c> and cannot continue an interrupted run.</returns>
    /// <inheritdoc cref="Create" path="/exception"/>
    public static bool Check(string path) => !OutputTarget.OfWritable(path, [.. Extensions]).IsStream;

    /// <summary>Creates the sink that the extension of a file names, and checks that the file can be written.</summary>
    /// <param name="path">The path of the file. An existing one is replaced when the new one is complete.</param>
    /// <exception cref="OutputFormatException">The extension is not one of <see cref="Extensions"/>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public static FeatureSink Create(string path)
    {
        // A pipe or a device has no extension; it gets what numpy reads.
        var isStream = OutputTarget.Of(path, [.. Extensions]).IsStream;
        return Formats[isStream ? ".npz" : Path.GetExtension(path)](path);
    }

    /// <summary>Returns the path of the hidden feature set beside a file.</summary>
    internal static string WorkPath(string path)
    {
        var target = OutputTarget.Of(path, [.. Extensions]);
        target.ThrowIfStream("an interrupted run could not continue it");
        return Path.Combine(Path.GetDirectoryName(target.File)!, $".{Path.GetFileName(target.File)}.features");
    }
}
