using System.Globalization;

namespace TransferKit.SideBySide;

/// <summary>
/// Watches the resident memory of this process without that of mapped files, which the system shares and takes back when it needs it. Linux
/// states no peak of it, so it is read many times a second.
/// </summary>
internal sealed class OwnMemory : IDisposable
{
    private const string Field = "RssAnon:";
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    private readonly Timer _timer;
    private long _peak;

    public OwnMemory() => _timer = new(_ => Read(), null, TimeSpan.Zero, Period);

    /// <summary>Gets the largest number of bytes so far.</summary>
    public long Peak
    {
        get
        {
            Read();
            return Interlocked.Read(ref _peak);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Read()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Field, StringComparison.Ordinal));
        var bytes = 1024 * long.Parse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        for (var seen = Interlocked.Read(ref _peak); seen < bytes; seen = Interlocked.Read(ref _peak))
            Interlocked.CompareExchange(ref _peak, bytes, seen);
    }
}
