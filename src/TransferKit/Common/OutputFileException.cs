namespace TransferKit;

/// <summary>A file cannot be written where it was asked for; nothing of it is left behind.</summary>
public sealed class OutputFileException : TransferKitException
{
    internal OutputFileException(string path, string why, Exception? innerException = null)
        : base($"'{path}' cannot be written: {why}", innerException) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    internal static void Wrapping(string path, Action write, params ReadOnlySpan<string> beside) => Wrapping(path, () =>
    {
        write();
        return true;
    }, beside);

    /// <summary>Makes errors of writing this one, which names the file that was asked for: of those beside it nobody knows.</summary>
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

    /// <summary>Whether an error is one of writing; .NET says "out of range" where the file system takes no file that large.</summary>
    internal static bool IsOfWriting(Exception e) =>
        e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentOutOfRangeException { ParamName: "value" };
}
