using System.Runtime.InteropServices;
using System.Text;

namespace TransferKit.Imaging;

/// <summary>
/// Reads the stamps of one folder's files on Linux. The system then looks up the name of a file alone, not its whole path,
/// which counts in folders of a million files.
/// </summary>
internal sealed unsafe partial class FolderStamps : IDisposable
{
    private const int ClosedInChildren = 0x80000;
    private const int NotFollowingLinks = 0x100;
    private const uint TypeLengthAndTime = 0x1 | 0x200 | 0x40;

    // The kernel fixes this structure's layout for all processors.
    private const int BufferLength = 256;
    private const int ModeOffset = 28;
    private const int FileType = 0xF000;
    private const int RegularFile = 0x8000;
    private const int LengthOffset = 40;
    private const int SecondsOffset = 112;
    private const int NanosecondsOffset = 120;

    // File systems of Linux have names of at most 255 bytes.
    private const int NameLength = 512;

    // DateTime has the years 1 to 9999.
    private const long MostSeconds = 62_000_000_000;

    private readonly int _folder;

    /// <param name="folder">Path of the folder.</param>
    public FolderStamps(string folder) => _folder = OperatingSystem.IsLinux() ? Open(folder, ClosedInChildren) : -1;

    /// <summary>Gets the stamp of a regular file; null for any other file, and on other systems.</summary>
    /// <param name="name">The name of the file in the folder.</param>
    public FileStamp? Of(ReadOnlySpan<char> name)
    {
        var buffer = stackalloc byte[BufferLength];
        var bytes = stackalloc byte[NameLength];
        if (_folder < 0 || !Encoding.UTF8.TryGetBytes(name, new(bytes, NameLength - 1), out var length))
            return null;
        bytes[length] = 0;
        var failed = StatX(_folder, bytes, NotFollowingLinks, TypeLengthAndTime, buffer) != 0;
        if (failed || (*(ushort*)(buffer + ModeOffset) & FileType) != RegularFile)
            return null;
        var seconds = *(long*)(buffer + SecondsOffset);
        var ticks = *(uint*)(buffer + NanosecondsOffset) / TimeSpan.NanosecondsPerTick;
        return seconds is > -MostSeconds and < MostSeconds
            ? new(*(long*)(buffer + LengthOffset), DateTime.UnixEpoch.AddTicks((seconds * TimeSpan.TicksPerSecond) + ticks))
            : null;
    }

    public void Dispose()
    {
        if (_folder >= 0)
            _ = Close(_folder);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int StatX(int folder, byte* name, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int opened);
}
