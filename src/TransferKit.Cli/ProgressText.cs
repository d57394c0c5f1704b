using System.Diagnostics;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Describes the progress of one part of the work: how much is done, the speed, and the time that is left.</summary>
/// <param name="What">The work, such as Extracting.</param>
/// <param name="Scale">The factor from the numbers of the reports to the unit.</param>
/// <param name="Unit">The unit, such as images or MB.</param>
/// <param name="Width">The columns of the terminal; below 60 the text is short.</param>
internal sealed record ProgressText(string What, double Scale, string Unit, int Width)
{
    private const int Narrow = 60;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ProgressRate _rate = new();

    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Takes note of a report that is not shown.</summary>
    public void Add(double done) => _rate.Add(_clock.Elapsed, done);

    /// <summary>Describes a report; the speed and the time left are absent until they can be told.</summary>
    public string Describe(double done, double total) => Describe(done, total, _clock.Elapsed);

    /// <inheritdoc cref="Describe(double, double)"/>
    public string Describe(double done, double total, TimeSpan time)
    {
        var rate = _rate.Add(time, done);
        var isNarrow = Width < Narrow;
        var all = total > 0 ? (isNarrow ? "/" : " of ") + Number(total) : "";
        var text = $"{(isNarrow ? "" : $"{What} ")}{Number(done)}{all} {Unit}";
        if (rate is not { } perSecond)
            return text;
        var speed = string.Create(CultureInfo.InvariantCulture, $"{perSecond * Scale:0.0}");
        text += isNarrow ? $" {speed}/s" : $", {speed} {Unit}/s";
        if (total <= done)
            return text;
        var left = TimeSpan.FromSeconds((total - done) / perSecond).ToString("h\\:mm\\:ss", CultureInfo.InvariantCulture);
        return text + (isNarrow ? $" {left}" : $", {left} left");
    }

    private string Number(double value) => (value * Scale).ToString(Scale == 1 ? "0" : "0.0", CultureInfo.InvariantCulture);
}
