using System.Diagnostics;
using System.Text.Json.Serialization;

namespace TransferKit.FeatureSets.Storage;

/// <summary>Represents the process that holds a claim. Each heartbeat increases the count of beats.</summary>
internal sealed record ClaimOwner(string Machine, int Process, long Started, string Token, long Beat)
{
    private static readonly long OwnStart = StartOf(System.Diagnostics.Process.GetCurrentProcess());

    public static ClaimOwner Self() => new(Environment.MachineName, Environment.ProcessId, OwnStart, Guid.NewGuid().ToString("N"), 0);

    [JsonIgnore]
    public bool IsHere => Machine == Environment.MachineName;

    /// <summary>Gets whether the owner is a process of this machine that has ended.</summary>
    [JsonIgnore]
    public bool IsDead
    {
        get
        {
            if (!IsHere)
                return false;
            try
            {
                using var process = System.Diagnostics.Process.GetProcessById(Process);
                return StartOf(process) != Started;
            }
            catch (ArgumentException)
            {
                return true;
            }
        }
    }

    public override string ToString() => $"process {Process} on {Machine}";

    private static long StartOf(Process process)
    {
        try
        {
            // Rounded to two seconds, because the system may report slightly different start times for one process.
            return process.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerSecond / 2;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or NotSupportedException)
        {
            return 0;
        }
    }
}
