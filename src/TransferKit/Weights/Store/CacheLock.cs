using System.Diagnostics;
using System.Text.Json;

namespace TransferKit.WeightSources.Store;

/// <summary>
/// Lets one thread of one process at a time work on a file of the cache. Two means together: the operating system's
/// lock on a lock file, which ends with its process; and in the file the owner's name and a beat, for network folders
/// where such locks are absent. There, a dead owner on another machine is overtaken after its beat has stood still for
/// a while, and two that start within the same moment may both come in: the work is then done twice, and nothing worse,
/// since what either puts in place is verified first.
/// </summary>
internal sealed class CacheLock : IDisposable
{
    private static readonly long OwnStart = StartOf(Process.GetCurrentProcess());
    private static readonly TimeSpan[] Pauses = [.. new[] { 20, 50, 100, 200, 250 }.Select(ms => TimeSpan.FromMilliseconds(ms))];

    // Longer than a network folder takes to show one machine's write to another.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(0.5);

    private readonly FileStream _file;
    private readonly Owner _owner;
    private readonly Timer _beat;
    private readonly Lock _gate = new();
    private long _beats;
    private bool _locked;

    private CacheLock(FileStream file, Owner owner, byte[] name)
    {
        (_file, _owner) = (file, owner);
        Write(name);
        _beat = new Timer(_ => Beat());
    }

    /// <summary>Waits until the lock is free.</summary>
    /// <param name="path">The lock file; its folder exists.</param>
    /// <param name="expiry">How long the beat of an owner on another machine may stand still.</param>
    /// <param name="waiting">Called at every look at a lock that is held.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<CacheLock> AcquireAsync(
        string path, TimeSpan expiry, Action waiting, CancellationToken cancellationToken)
    {
        // Made before the first look, so that nothing slow comes between a look and the writing of one's name.
        var self = new Owner(Environment.MachineName, Environment.ProcessId, OwnStart, Guid.NewGuid().ToString("n"), 0);
        var name = JsonSerializer.SerializeToUtf8Bytes(self);
        Owner? seen = null;
        var since = Stopwatch.StartNew();
        for (var look = 0; ; look++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryOpen(path) is { } file)
            {
                var owner = ReadOwner(file);
                if (owner != seen)
                {
                    seen = owner;
                    since.Restart();
                }
                if (owner is null || !IsAlive(owner) || since.Elapsed > expiry)
                {
                    var taken = new CacheLock(file, self, name);
                    taken._locked = HoldsAlone(path);
                    if (taken._locked || await taken.SettleAsync(cancellationToken).ConfigureAwait(false))
                    {
                        taken._beat.Change(expiry / 6, expiry / 6);
                        return taken;
                    }
                }
                else
                {
                    file.Dispose();
                }
            }
            waiting();
            await Task.Delay(Pauses[Math.Min(look, Pauses.Length - 1)], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the system itself keeps all others out, so that nobody else can have written meanwhile.</summary>
    public bool IsCertain => _locked && IsOwn;

    public void Dispose()
    {
        _beat.Dispose();
        lock (_gate)
        {
            // The lock file stays: deleting it would let two lock two files of one name.
            try
            {
                if (IsOwn)
                    _file.SetLength(0);
            }
            catch (IOException)
            {
                // The beat ends, which frees the lock later.
            }
            _file.Dispose();
        }
    }

    /// <summary>Whether nobody has overtaken this owner, as may happen where there are no locks.</summary>
    public bool IsOwn
    {
        get
        {
            // The beat moves the file's position, too.
            lock (_gate)
                return ReadOwner(_file)?.Token == _owner.Token;
        }
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            CachePaths.DropLink(path);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        // Held by another: EAGAIN on Linux and macOS, a sharing or lock violation on Windows.
        catch (IOException e) when (e.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021))
        {
            return null;
        }
    }

    // Where a second look at a locked file succeeds, there are no locks.
    private static bool HoldsAlone(string path)
    {
        using var second = TryOpen(path);
        return second is null;
    }

    // Without locks, several may have written their names at once: the last to write has the lock.
    private async Task<bool> SettleAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Settling, cancellationToken).ConfigureAwait(false);
            if (IsOwn)
                return true;
        }
        catch (OperationCanceledException)
        {
            Dispose();
            throw;
        }
        Abandon();
        return false;
    }

    private void Abandon()
    {
        _beat.Dispose();
        lock (_gate)
            _file.Dispose();
    }

    private static Owner? ReadOwner(FileStream file)
    {
        try
        {
            var bytes = new byte[Math.Min(file.Length, 4096)];
            file.Position = 0;
            file.ReadExactly(bytes);
            return bytes.Length == 0 ? null : JsonSerializer.Deserialize<Owner>(bytes);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // In the midst of being written, or damaged: as good as somebody of whom no more is heard.
            return new Owner("", 0, 0, "", 0);
        }
    }

    // On this machine the process table says it; elsewhere only the beat does.
    private static bool IsAlive(Owner owner)
    {
        if (owner.Machine != Environment.MachineName)
            return true;
        try
        {
            using var process = Process.GetProcessById(owner.Process);
            return StartOf(process) == owner.Started;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static long StartOf(Process process)
    {
        try
        {
            // To the second: the clock ticks in which it is kept differ between views of one process.
            return process.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerSecond / 2;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or NotSupportedException)
        {
            return 0;
        }
    }

    private void Beat()
    {
        lock (_gate)
        {
            if (_file.SafeFileHandle.IsClosed)
                return;
            try
            {
                // One that was taken for dead, and overtaken, leaves the lock to its successor.
                if (IsOwn)
                    Write(JsonSerializer.SerializeToUtf8Bytes(_owner with { Beat = ++_beats }));
            }
            catch (IOException)
            {
                // A beat lost; the next one may go through.
            }
        }
    }

    private void Write(byte[] bytes)
    {
        _file.Position = 0;
        _file.Write(bytes);
        _file.SetLength(bytes.Length);
        _file.Flush();
    }

    private sealed record Owner(string Machine, int Process, long Started, string Token, long Beat);
}
