using System.Net.Sockets;

namespace TransferKit.Cli;

/// <summary>Defines the exit codes of all commands.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>Something failed that may succeed when the same command runs again: a download, a full disk, a file in use.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Misuse = 2;

    /// <summary>The same command fails again until a file, an option or the machine changes: a damaged picture, a missing folder.</summary>
    public const int Permanent = 3;

    /// <summary>The user pressed Ctrl+C; shells report 128 plus the signal's number.</summary>
    public const int Cancelled = 130;

    /// <summary>Gets the exit code of an error that ended a command.</summary>
    public static int Of(Exception e) => e is ArgumentException or FormatException ? Misuse : IsPermanent(e) ? Permanent : Failure;

    /// <summary>Gets the exit code of a command that skipped files: <see cref="Failure"/> if a retry may read one of them.</summary>
    public static int OfSkipped(IReadOnlyCollection<Exception> errors) =>
        errors.Count == 0 ? Success : errors.All(IsPermanent) ? Permanent : Failure;

    /// <summary>Gets the exit code of an extraction into a feature set, whose earlier runs recorded only the reasons of failures.</summary>
    public static int OfSkipped(FeatureSetReport report)
    {
        var mayPassFromEarlier = report.Retryable - report.Skipped.Count(row => row.Reason.MayPass());
        return report.Failures == 0 ? Success
            : mayPassFromEarlier == 0 && report.Skipped.All(row => IsPermanent(row.Error!)) ? Permanent
            : Failure;
    }

    // Errors of input and output may pass, except those that name a state of the file system. Of TransferKit's own errors, downloads,
    // time limits and other processes depend on the moment; the others do only if such an error of input or output caused them.
    private static bool IsPermanent(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException or PathTooLongException or EndOfStreamException => true,
        DllNotFoundException or TypeInitializationException => true,
        UnauthorizedAccessException or InvalidDataException or NotSupportedException => true,
        FeatureSetException or FeatureSetChangedException => true,
        WeightsDownloadException or FeatureSetBusyException => false,
        ImageDecodeException { Reason: ImageDecodeError.TimedOut or ImageDecodeError.Changed } => false,
        // .NET reports a file that outgrows its disk or quota as an argument out of range.
        OutputFileException { InnerException: ArgumentOutOfRangeException } => false,
        TransferKitException => e.InnerException is not (IOException or SocketException) || IsPermanent(e.InnerException),
        _ => false,
    };
}
