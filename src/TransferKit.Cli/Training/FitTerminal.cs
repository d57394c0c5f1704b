using System.Diagnostics;
using System.Globalization;
using TransferKit.Training;

namespace TransferKit.Cli;

/// <summary>Shows training on standard error as Keras does: a bar for each epoch at a terminal, otherwise a line for each epoch.</summary>
internal sealed class FitTerminal : IProgress<FitProgress>
{
    private const int WidestBar = 24;
    private const int NarrowestBar = 8;
    // A space where no line breaks: the name of a value stays with it.
    private const char Joint = '\u00A0';
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
        var place = isExtracting ? "features, once" : Invariant($"{value.Phase} {value.Epoch}/{value.Epochs}");
        var (start, end) = (Invariant($"{place} {value.Step}/{value.Steps} "), Invariant($"{_epoch.Elapsed.TotalSeconds:0.0}s "));
        end += string.Join($" -{Joint}", value.Logs.Select(Text));
        // The last column stays empty: a terminal may start a new line after it.
        var width = TextWrap.Columns(!_isTerminal) - 1;
        var text = start + Bar(value, width - start.Length - end.Length) + end;
        var lines = TextWrap.Lines(text, width).Select(line => line.Replace(Joint, ' ')).ToList();
        if (!isEnd)
        {
            // Only the terminal's own line can be written over.
            var line = lines[0];
            Console.Error.Write("\r" + line.PadRight(_written));
            _written = line.Length;
            return;
        }
        Console.Error.Write(_isTerminal ? $"\r{new string(' ', _written)}\r" : "");
        foreach (var line in lines)
            Console.Error.WriteLine(line);
        (_written, _next) = (0, TimeSpan.Zero);
        _epoch.Restart();
    }

    // A narrow terminal has no place for a bar beside the numbers, which say more.
    private static string Bar(FitProgress value, int place)
    {
        var width = Math.Min(WidestBar, place - "[] ".Length);
        if (width < NarrowestBar)
            return "";
        var filled = width * value.Step / Math.Max(1, value.Steps);
        return $"[{new string('=', filled)}{new string('.', width - filled)}] ";
    }

    private static string Text(KeyValuePair<string, double> log) =>
        $"{log.Key}:{Joint}{log.Value.ToString(log.Key == "learning_rate" ? "G3" : "0.0000", CultureInfo.InvariantCulture)}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
