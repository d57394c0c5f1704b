namespace TransferKit.Cli;

/// <summary>
/// Computes the speed of work from its reports. The first report only begins the measurement: a batch that is done at once, or rows of
/// an earlier run, would give a speed that no work has.
/// </summary>
internal sealed class ProgressRate
{
    // A speed of the last minute follows a slow disk or a busy machine, and does not jump with each batch.
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private readonly Queue<(TimeSpan Time, double Done)> _reports = new();
    private TimeSpan _next;

    /// <summary>Adds a report, and returns the work done in a second; null until enough was seen to tell.</summary>
    /// <param name="time">The time since the start.</param>
    /// <param name="done">All work that is done.</param>
    public double? Add(TimeSpan time, double done)
    {
        // One report for each tenth of a second holds the queue short.
        if (_reports.Count == 0 || time >= _next)
        {
            _reports.Enqueue((time, done));
            _next = time + TimeSpan.FromSeconds(0.1);
        }
        while (_reports.Count > 2 && time - _reports.Peek().Time > Window)
            _reports.Dequeue();
        var (first, before) = _reports.Peek();
        return time - first >= Settling && done > before ? (done - before) / (time - first).TotalSeconds : null;
    }
}
