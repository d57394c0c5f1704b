using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace TransferKit.WeightSources.Store;

/// <summary>Reports the progress of one file, at most every 100 ms while the state is unchanged, and holds the store's log.</summary>
internal sealed class ProgressReporter(string file, IProgress<WeightDownloadProgress>? progress, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _sinceReport = new();
    private readonly Stopwatch _try = new();
    private WeightDownloadState? _lastState;
    private long _tryStart;

    /// <summary>Gets the log, which is for the operator of a service; progress reports are for the user who waits.</summary>
    public ILogger Log => log;

    public void BeginAttempt(long bytes)
    {
        _tryStart = bytes;
        _try.Restart();
    }

    public void Report(WeightDownloadState state, long bytes = 0, long? total = null, string? message = null)
    {
        if (progress is null || (state == _lastState && message is null && _sinceReport.Elapsed < Pause && bytes != total))
            return;
        _lastState = state;
        _sinceReport.Restart();
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
