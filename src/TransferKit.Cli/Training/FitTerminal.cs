using System.Diagnostics;
using System.Globalization;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary>Shows training on standard error as Keras does: a bar for each epoch at a terminal, otherwise a line for each epoch.</summary>
internal sealed class FitTerminal : IProgress<FitProgress>
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly Stopwatch _epoch = Stopwatch.StartNew();
    private TimeSpan _next;
    private int _written;

    public void Report(FitProgress value)
    {
        var isExtracting = value.Phase == "extract";
        var isEnd = value.IsEpochEnd || (isExtracting && value.Step == value.Steps);
        if (!isEnd && (!_isTerminal || _epoch.Elapsed < _next))
            return;
        _next = _epoch.Elapsed + Pause;
        var filled = BarWidth * value.Step / Math.Max(1, value.Steps);
        var logs = string.Join(" - ", value.Logs.Select(Text));
        var place = isExtracting ? "features, once" : Invariant($"{value.Phase} {value.Epoch}/{value.Epochs}");
        var bar = new string('=', filled) + new string('.', BarWidth - filled);
        var line = Invariant($"{place} {value.Step}/{value.Steps} [{bar}] {_epoch.Elapsed.TotalSeconds:0.0}s {logs}");
        Console.Error.Write(_isTerminal ? "\r" + line.PadRight(_written) : line);
        _written = line.Length;
        if (!isEnd)
            return;
        Console.Error.WriteLine();
        (_written, _next) = (0, TimeSpan.Zero);
        _epoch.Restart();
    }

    private static string Text(KeyValuePair<string, double> log) =>
        $"{log.Key}: {log.Value.ToString(log.Key == "learning_rate" ? "G3" : "0.0000", CultureInfo.InvariantCulture)}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
