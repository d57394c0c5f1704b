using System.Diagnostics;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary>Describes the progress of one part of the work: how much is done, the speed, and the time that is left.</summary>
/// <param name="What">The work, such as Extracting.</param>
/// <param name="Scale">The factor from the numbers of the reports to the unit.</param>
/// <param name="Unit">The unit, such as images or MB.</param>
/// <param name="Room">The columns that the terminal has for the text, which is shorter if they are few.</param>
internal sealed record ProgressText(string What, double Scale, string Unit, int Room)
{
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
        var (count, all) = (Number(done), total > 0 ? Number(total) : null);
        var speed = rate is { } perSecond ? FormattableString.Invariant($"{perSecond * Scale:0.0}") : null;
        var left = rate is { } pace && total > done
            ? TimeSpan.FromSeconds((total - done) / pace).ToString("h\\:mm\\:ss", CultureInfo.InvariantCulture)
            : null;
        string[] texts =
        [
            $"{What} {count}{After(" of ", all)} {Unit}{After(", ", speed, $" {Unit}/s")}{After(", ", left, " left")}",
            $"{What} {Short($" {Unit}")}", $"{What} {Short("")}", Short(""),
        ];
        return texts.FirstOrDefault(t => t.Length <= Room) ?? texts[^1];

        string Short(string unit) => $"{count}{After("/", all)}{unit}{After(" ", speed, "/s")}{After(" ", left)}";

        static string After(string before, string? text, string after = "") => text is null ? "" : before + text + after;
    }

    private string Number(double value) => (value * Scale).ToString(Scale == 1 ? "0" : "0.0", CultureInfo.InvariantCulture);
}
