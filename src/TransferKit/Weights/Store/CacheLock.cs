using System.Diagnostics;
using System.Text.Json;
using TransferKit.Common;

namespace TransferKit.WeightSources.Store;

/// <summary>
/// Ensures that one thread of one process at a time works on a file of the cache. The operating system's lock on a lock file ends with its
/// process. Network folders may lack such locks, so the file also holds the owner's name and a heartbeat. There, an owner on another
/// machine counts as dead once its heartbeat has stopped for a while. Two owners that start at the same moment may then both get the lock.
/// Both then do the work, and both verify before they publish a file.
/// </summary>
internal sealed class CacheLock : IDisposable
{
    private static readonly long OwnStart = StartOf(Process.GetCurrentProcess());
    private static readonly TimeSpan[] Pauses = [.. new[] { 20, 50, 100, 200, 250 }.Select(ms => TimeSpan.FromMilliseconds(ms))];

    // A write must become visible to the other machines of a network folder within this time.
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

    /// <summary>Waits until the lock is free, and takes it.</summary>
    /// <param name="path">The path of the lock file, whose folder exists.</param>
    /// <param name="expiry">The time after which an owner without a heartbeat counts as dead.</param>
    /// <param name="waiting">Called after each check that finds the lock taken.</param>
    /// <param name="cancellationToken">The token to cancel the wait.</param>
    public static async Task<CacheLock> AcquireAsync(
        string path, TimeSpan expiry, Action waiting, CancellationToken cancellationToken)
    {
        // Prepared before the first check, so that little time passes between a check and writing the owner's name.
        var self = new Owner(Environment.MachineName, Environment.ProcessId, OwnStart, Guid.NewGuid().ToString("n"), 0);
        var name = JsonSerializer.SerializeToUtf8Bytes(self, StoreJson.Default.Owner);
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

    /// <summary>
    /// Gets whether the operating system excludes all other processes, so that no other process can have written to the file.
    /// </summary>
    public bool IsCertain => _locked && IsOwn;

    public void Dispose()
    {
        _beat.Dispose();
        lock (_gate)
        {
            // The lock file is not deleted: otherwise two processes could lock two files of the same name.
            try
            {
                if (IsOwn)
                    _file.SetLength(0);
            }
            catch (IOException)
            {
                // The heartbeat stops, so another process gets the lock once it expires.
            }
            _file.Dispose();
        }
    }

    /// <summary>Gets whether this instance still owns the lock. Without system locks another process may have taken it over.</summary>
    public bool IsOwn
    {
        get
        {
            // The heartbeat timer also moves the file's position.
            lock (_gate)
                return ReadOwner(_file)?.Token == _owner.Token;
        }
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            CachePaths.DeleteLink(path);
            InputFile.ThrowIfSpecial(path);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        // Another process holds the lock: EAGAIN on Linux and macOS, a sharing or lock violation on Windows.
        catch (IOException e) when (e.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021))
        {
            return null;
        }
    }

    // The file system has no locks if a locked file can be opened a second time.
    private static bool HoldsAlone(string path)
    {
        using var second = TryOpen(path);
        return second is null;
    }

    // Without locks, several processes may have written their names at once; the last writer owns the lock.
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
            return bytes.Length == 0 ? null : JsonSerializer.Deserialize(bytes, StoreJson.Default.Owner);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // Unreadable lock file, perhaps being written: the owner expires unless it becomes readable.
            return new Owner("", 0, 0, "", 0);
        }
    }

    // The process table knows only this machine's owners. For owners elsewhere the heartbeat decides.
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
            // Rounded to two seconds, because the system may report slightly different start times for one process.
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
                // An owner that counted as dead leaves the lock to the process that took it over.
                if (IsOwn)
                    Write(JsonSerializer.SerializeToUtf8Bytes(_owner with { Beat = ++_beats }, StoreJson.Default.Owner));
            }
            catch (IOException)
            {
                // One heartbeat is lost; the next may succeed.
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

    internal sealed record Owner(string Machine, int Process, long Started, string Token, long Beat);
}
