using Microsoft.Win32.SafeHandles;

namespace TransferKit.Common;

/// <summary>
/// Opens files whose names come from outside. Pipes and devices are refused before they are opened, because opening one may block forever
/// and reading one may never end.
/// </summary>
internal static class InputFile
{
    /// <summary>Opens a regular file for reading.</summary>
    /// <param name="path">Path of the file; links are followed.</param>
    /// <param name="share">What other processes may do meanwhile. Defaults to reading, replacing and deleting the file.</param>
    /// <param name="bufferSize">Size of the stream's buffer in bytes.</param>
    /// <param name="options">Hints for the file system.</param>
    /// <exception cref="SpecialFileException">The path names a pipe, a device or a socket.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read. Its name is escaped in the message.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a folder, or the user may not read the file.</exception>
    public static FileStream Open(
        string path, FileShare share = FileShare.Read | FileShare.Delete, int bufferSize = 4096, FileOptions options = FileOptions.None)
    {
        ThrowIfSpecial(path);
        try
        {
            return new(path, FileMode.Open, FileAccess.Read, share, bufferSize, options);
        }
        catch (Exception e) when (Escaped(e) is { } escaped)
        {
            throw escaped;
        }
    }

    /// <summary>Opens a regular file or a pipe, for a single file that the user named. A pipe blocks until its writer opens it.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static SafeFileHandle OpenMaybePipe(string path)
    {
        try
        {
            return File.OpenHandle(path, options: FileOptions.SequentialScan);
        }
        catch (Exception e) when (Escaped(e) is { } escaped)
        {
            throw escaped;
        }
    }

    /// <summary>Reads a small file that must not be larger than a limit.</summary>
    /// <exception cref="IOException">The file is larger, or cannot be read.</exception>
    public static byte[] ReadAllBytes(string path, int mostBytes)
    {
        using var file = Open(path, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (file.Length > mostBytes)
            throw new IOException($"'{Printable.Of(path)}' has {file.Length:N0} bytes; the limit is {mostBytes:N0}.");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Throws if a path names neither a regular file nor nothing at all. Folders are left to the system's own error.</summary>
    public static void ThrowIfSpecial(string path)
    {
        if (FileKinds.Of(path) is var kind and (FileKind.Pipe or FileKind.CharacterDevice or FileKind.BlockDevice or FileKind.Other))
            throw new SpecialFileException(path, kind);
    }

    // .NET repeats a path in its messages as it is, control characters included. Returns null if nothing needs escaping.
    private static Exception? Escaped(Exception e)
    {
        var message = Printable.Of(e.Message);
        if (e is not (IOException or UnauthorizedAccessException) || ReferenceEquals(message, e.Message))
            return null;
        return e switch
        {
            FileNotFoundException => new FileNotFoundException(message, e),
            DirectoryNotFoundException => new DirectoryNotFoundException(message, e),
            IOException => new IOException(message, e),
            _ => new UnauthorizedAccessException(message, e),
        };
    }
}

/// <summary>
/// Thrown when a path names a pipe, a device or a socket where a regular file is required. For a folder, .NET throws the base class.
/// </summary>
internal sealed class SpecialFileException(string path, FileKind kind) : UnauthorizedAccessException(
    $"'{Printable.Of(path)}' is {Describe(kind)}, and a regular file is required. Copy its content into a file first.")
{
    private static string Describe(FileKind kind) => kind switch
    {
        FileKind.Pipe => "a pipe",
        FileKind.Other => "a socket or another special file",
        _ => "a device",
    };
}
