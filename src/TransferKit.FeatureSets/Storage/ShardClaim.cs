using System.Diagnostics;
using System.Text.Json;
using TransferKit.Common;

namespace TransferKit.FeatureSets.Storage;

/// <summary>
/// Marks a shard as being written by one process. The claim is a file that is created whole, so that one of several processes gets it. A
/// claim ends with its process, where that can be seen, or when its heartbeat stops.
/// </summary>
/// <remarks>
/// If a slow worker is taken for dead, two processes write the same shard. Both write the same bytes, and each rename is atomic.
/// </remarks>
internal sealed class ShardClaim : IDisposable
{
    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly Timer _beat;
    private ClaimOwner _owner;
    private bool _isDisposed;

    private ShardClaim(string path, ClaimOwner owner, TimeSpan expiry)
    {
        (_path, _owner) = (path, owner);
        _beat = new(_ => Beat(), null, expiry / 6, expiry / 6);
    }

    /// <summary>Takes a claim that no other worker holds.</summary>
    /// <param name="path">Path of the claim's file.</param>
    /// <param name="seen">Remembers owners between calls.</param>
    /// <param name="expiry">Time without a heartbeat after which an owner counts as dead.</param>
    /// <param name="owner">The process that has the claim; null if it was taken.</param>
    /// <returns>The claim; null if another process has it.</returns>
    public static ShardClaim? TryTake(string path, ClaimWatch seen, TimeSpan expiry, out ClaimOwner? owner)
    {
        var self = ClaimOwner.Self();
        for (var i = 0; i < 2; i++)
        {
            if (TryCreate(path, self))
            {
                owner = null;
                return new(path, self, expiry);
            }
            owner = Read(path);
            // No owner means that the claim was given back just now.
            if (owner is not null && (!seen.IsDead(path, owner, expiry) || !TryRemove(path, owner, self)))
                return null;
        }
        owner = Read(path);
        return null;
    }

    /// <summary>Gives the claim back.</summary>
    public void Dispose()
    {
        _beat.Dispose();
        lock (_gate)
        {
            _isDisposed = true;
            try
            {
                if (Read(_path)?.Token == _owner.Token)
                    File.Delete(_path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The claim expires, because its heartbeat has stopped.
            }
        }
    }

    /// <summary>Reads the owner of a claim; returns null if there is none.</summary>
    public static ClaimOwner? Read(string path)
    {
        try
        {
            using var file = InputFile.Open(path, FileShare.ReadWrite | FileShare.Delete);
            return file.Length is > 0 and < 4096 ? JsonSerializer.Deserialize(file, SetJson.Default.ClaimOwner) : Unreadable;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return Unreadable;
        }
    }

    // An unreadable claim has no heartbeat, so it expires.
    private static ClaimOwner Unreadable => new("", 0, 0, "", 0);

    private static bool TryCreate(string path, ClaimOwner owner)
    {
        var temporary = $"{path}.{owner.Token}";
        // The worker that merges the set removes the folder.
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(owner, SetJson.Default.ClaimOwner));
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException)
        {
            // The claim of another worker is in its place, or the disk is full.
            File.Delete(temporary);
            if (File.Exists(path))
                return false;
            throw;
        }
    }

    // A rename takes the claim from the path for this process alone. What it took may be the claim of a worker that was faster.
    private static bool TryRemove(string path, ClaimOwner dead, ClaimOwner self)
    {
        var taken = $"{path}.{self.Token}.dead";
        try
        {
            File.Move(path, taken);
            if (Read(taken)?.Token != dead.Token)
            {
                File.Move(taken, path, overwrite: false);
                return false;
            }
            File.Delete(taken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Beat()
    {
        lock (_gate)
        {
            // An owner that counted as dead leaves the claim to the process that took it over.
            if (_isDisposed || Read(_path)?.Token != _owner.Token)
                return;
            _owner = _owner with { Beat = _owner.Beat + 1 };
            try
            {
                var temporary = $"{_path}.{_owner.Token}";
                File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(_owner, SetJson.Default.ClaimOwner));
                File.Move(temporary, _path, overwrite: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // One heartbeat is lost; the next may succeed.
            }
        }
    }
}

/// <summary>
/// Remembers the owners of claims, to find those whose heartbeat has stopped. It compares no clocks of different machines.
/// </summary>
internal sealed class ClaimWatch
{
    private readonly Dictionary<string, (ClaimOwner Owner, long Since)> _seen = [];

    /// <summary>Returns whether an owner is dead: its process has ended, or its heartbeat has not changed for a while.</summary>
    public bool IsDead(string path, ClaimOwner owner, TimeSpan expiry)
    {
        if (owner.IsDead)
            return true;
        if (!_seen.TryGetValue(path, out var seen) || seen.Owner != owner)
            _seen[path] = seen = (owner, Stopwatch.GetTimestamp());
        return Stopwatch.GetElapsedTime(seen.Since) > expiry;
    }
}
