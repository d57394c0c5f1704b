using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace TransferKit.WeightSources.Store;

/// <summary>Tells an <see cref="IProgress{T}"/> of one file, not more often than anyone can read, and the log.</summary>
internal sealed class ProgressTeller(string file, IProgress<WeightDownloadProgress>? progress, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _sinceTold = new();
    private readonly Stopwatch _try = new();
    private WeightDownloadState? _told;
    private long _tryStart;

    /// <summary>Where events go that are for the operator of a service rather than for who waits.</summary>
    public ILogger Log => log;

    public void BeginTry(long bytes)
    {
        _tryStart = bytes;
        _try.Restart();
    }

    public void Tell(WeightDownloadState state, long bytes = 0, long? total = null, string? message = null)
    {
        if (progress is null || (state == _told && message is null && _sinceTold.Elapsed < Pause && bytes != total))
            return;
        _told = state;
        _sinceTold.Restart();
        var seconds = _try.Elapsed.TotalSeconds;
        progress.Report(new WeightDownloadProgress
        {
            File = file,
            State = state,
            BytesReceived = bytes,
            TotalBytes = total,
            BytesPerSecond = state == WeightDownloadState.Downloading && seconds > 0 ? (bytes - _tryStart) / seconds : 0,
            Message = message,
        });
    }
}
