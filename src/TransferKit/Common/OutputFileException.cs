namespace TransferKit;

/// <summary>Thrown when an output file cannot be written. No partial file remains.</summary>
public sealed class OutputFileException : TransferKitException
{
    internal OutputFileException(string path, string why, Exception? innerException = null)
        : base($"'{path}' cannot be written: {why}", innerException) => Path = path;

    /// <summary>Gets the path of the file.</summary>
    public string Path { get; }

    internal static void Wrapping(string path, Action write, params ReadOnlySpan<string> beside) => Wrapping(path, () =>
    {
        write();
        return true;
    }, beside);

    /// <summary>Wraps errors of writing in an exception that names the requested file instead of a temporary file beside it.</summary>
    internal static T Wrapping<T>(string path, Func<T> write, params ReadOnlySpan<string> beside)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (IsOfWriting(e))
        {
            throw Of(path, e, beside);
        }
    }

    internal static OutputFileException Of(string path, Exception e, params ReadOnlySpan<string> beside)
    {
        var why = e.Message;
        foreach (var file in beside)
            why = why.Replace(file, path, StringComparison.Ordinal);
        return new(path, why, e);
    }

    /// <summary>
    /// Returns whether an exception reports a failed write. .NET throws "out of range" for a file larger than the file system allows.
    /// </summary>
    internal static bool IsOfWriting(Exception e) =>
        e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentOutOfRangeException { ParamName: "value" };
}
