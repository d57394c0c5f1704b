using System.Diagnostics;

namespace TransferKit.Imaging.Pictures;

/// <summary>Stops a decoding that is cancelled or exceeds its time limit. Decoders check it every few rows.</summary>
internal readonly struct DecodeWatch
{
    private readonly TimeSpan? _timeout;
    private readonly long _start;
    private readonly CancellationToken _cancellation;

    private DecodeWatch(string? name, TimeSpan? timeout, CancellationToken cancellation) =>
        (Name, _timeout, _start, _cancellation) = (name, timeout, timeout is null ? 0 : Stopwatch.GetTimestamp(), cancellation);

    /// <summary>Gets the image's name for errors.</summary>
    public string? Name { get; }

    /// <summary>Creates a watch without a time limit, for pixels that are already in memory.</summary>
    public static DecodeWatch For(CancellationToken cancellation) => new(null, null, cancellation);

    public static DecodeWatch Start(string? name, ImageDecodeOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(name, options.Timeout, cancellation);
    }

    /// <summary>Gets whether <see cref="Check"/> throws, for native code that an exception must not pass.</summary>
    public bool IsOver => _cancellation.IsCancellationRequested || IsTimedOut;

    /// <exception cref="OperationCanceledException">The caller has cancelled the decoding.</exception>
    /// <exception cref="ImageDecodeException">The time limit is exceeded.</exception>
    public void Check()
    {
        _cancellation.ThrowIfCancellationRequested();
        if (IsTimedOut)
        {
            throw ImageDecodeException.TimedOut(Name, _timeout.GetValueOrDefault());
        }
    }

    private bool IsTimedOut => _timeout is { } timeout && Stopwatch.GetElapsedTime(_start) > timeout;
}
