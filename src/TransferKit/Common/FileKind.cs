using System.Runtime.InteropServices;

namespace TransferKit.Common;

/// <summary>Specifies the kind of file that a path names, with links followed.</summary>
internal enum FileKind { Absent, Regular, Folder, Pipe, CharacterDevice, BlockDevice, Other }

/// <summary>Detects the kind of a file, because .NET reports pipes and devices as ordinary files.</summary>
internal static unsafe partial class FileKinds
{
    private const int StatxModeOffset = 28;
    private const int MacModeOffset = 4;
    private const uint StatxType = 1;
    private const int CurrentFolder = -100;
    private const int BufferLength = 512;

    public static FileKind Of(string path)
    {
        if (Directory.Exists(path))
            return FileKind.Folder;
        if (OperatingSystem.IsWindows())
        {
            // GetFullPath adds this prefix to device names such as NUL and CON.
            return Path.GetFullPath(path).StartsWith(@"\\.\", StringComparison.Ordinal) ? FileKind.CharacterDevice
                : File.Exists(path) ? FileKind.Regular : FileKind.Absent;
        }
        // The buffer is larger than either structure.
        var buffer = stackalloc byte[BufferLength];
        var (status, offset) = OperatingSystem.IsMacOS()
            ? (Stat(path, buffer), MacModeOffset)
            : (StatX(CurrentFolder, path, 0, StatxType, buffer), StatxModeOffset);
        return status != 0 ? FileKind.Absent : (*(ushort*)(buffer + offset) & 0xF000) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            0x1000 => FileKind.Pipe,
            0x2000 => FileKind.CharacterDevice,
            0x6000 => FileKind.BlockDevice,
            _ => FileKind.Other,
        };
    }

    // The kernel fixes this structure's layout for all processors; stat's differs between them.
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, byte* buffer);
}
