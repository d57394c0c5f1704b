using System.Runtime.InteropServices;

namespace TransferKit.WeightSources.Store;

/// <summary>
/// Checks that no other user can have written to a folder, so that its files can be trusted. On Windows the user's profile protects the
/// folder; on Unix its mode and owner do.
/// </summary>
internal static partial class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const uint Root = 0;

    /// <summary>Creates a folder that only its owner can access (0700). Missing parent folders get the process's default mode.</summary>
    public static void Create(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            Directory.CreateDirectory(parent);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly);
    }

    /// <summary>Returns why another user may have written to a folder; null if none could, or if the folder does not exist.</summary>
    /// <remarks>Folders of the superuser are accepted, because that user may change any file anyway.</remarks>
    public static string? Weakness(string path)
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(path))
            return null;
        var mode = File.GetUnixFileMode(path);
        if ((mode & OthersWrite) != 0)
            return $"other users may write to it (mode {Convert.ToString((int)mode, 8)})";
        return OwnerOf(path) is { } owner && owner != Root && owner != CurrentUser()
            ? $"it belongs to the user {owner}, but this process runs as {CurrentUser()}"
            : null;
    }

    // .NET has no API for a file's owner. Returns null on systems that have neither of these calls.
    private static unsafe uint? OwnerOf(string path)
    {
        const int CurrentFolder = -100;
        const uint OwnerWanted = 8;
        var status = stackalloc byte[256];
        if (OperatingSystem.IsLinux())
            return Statx(CurrentFolder, path, 0, OwnerWanted, status) == 0 ? *(uint*)(status + 20) : null;
        if (OperatingSystem.IsMacOS())
            return Stat(path, status) == 0 ? *(uint*)(status + 16) : null;
        return null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint wanted, byte* status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Stat(string path, byte* status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint CurrentUser();
}
