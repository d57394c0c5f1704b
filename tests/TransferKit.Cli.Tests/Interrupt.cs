using System.Diagnostics;
using System.Globalization;

namespace TransferKit.Cli.Tests;

/// <summary>Sends Ctrl+C to the tool, as the terminal does.</summary>
internal static class Interrupt
{
    private const string Ignored = "SigIgn:";
    private const ulong Signal = 1 << (2 - 1);

    public static void SkipUnlessHeard()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent by Unix' kill.");
        Assert.SkipWhen(IsIgnored(), "A shell that runs the tests in the background has Ctrl+C ignored by all that it starts.");
    }

    public static async Task SendAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static bool IsIgnored() => File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Ignored, StringComparison.Ordinal)) is { } line
        && (ulong.Parse(line.AsSpan(Ignored.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Signal) != 0;
}
