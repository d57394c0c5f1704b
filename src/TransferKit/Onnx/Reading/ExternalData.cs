using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Onnx;
using TransferKit.Common;

namespace TransferKit.Onnx.Reading;

/// <summary>A part of an open file that holds the numbers of a tensor.</summary>
internal readonly record struct FilePart(SafeFileHandle File, long Offset, long Length);

/// <summary>
/// Opens the files in which a model keeps its tensors. Their names come from the model, so they must be regular files in its own folder.
/// </summary>
internal sealed class ExternalData(string model) : IDisposable
{
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(model))!;
    private readonly Dictionary<string, SafeFileHandle> _files = new(StringComparer.Ordinal);
    private long _used;

    /// <summary>Gets the open files in the order of their names.</summary>
    public IEnumerable<SafeFileHandle> Files => _files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.Value);

    /// <summary>Returns the place of a tensor's numbers.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="length">The number of bytes that the tensor's type and dimensions take.</param>
    /// <exception cref="OnnxModelException">The file is outside of the folder, a link, absent or too short.</exception>
    public FilePart Find(TensorProto tensor, long length)
    {
        var location = Entry(tensor, "location") ?? throw Problem(tensor, "names no file for its external data");
        var file = Open(tensor, location);
        var (offset, size) = (Number(tensor, "offset") ?? 0, RandomAccess.GetLength(file));
        if (Number(tensor, "length") is { } declared && declared != length)
            throw Problem(tensor, $"takes {length} bytes, and its external data has {declared}");
        if (offset > size - length)
            throw Problem(tensor, $"takes {length} bytes from {offset} on in '{location}', which has {size}");
        _used += length;
        // Tied tensors may share bytes. Many tensors over the same bytes would only fill the disk.
        if (_used > 2 * _files.Values.Sum(RandomAccess.GetLength))
            throw Problem(tensor, "shares its bytes with so many others that they would take far more space than their file");
        return new(file, offset, length);
    }

    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
    }

    private SafeFileHandle Open(TensorProto tensor, string location)
    {
        if (_files.TryGetValue(location, out var open))
            return open;
        var parts = location.Split('/', '\\');
        if (location.Length == 0 || Path.IsPathRooted(location) || location.Contains(':', StringComparison.Ordinal)
            || parts.Any(p => p is "" or "..") || location.Any(char.IsControl))
        {
            throw Problem(tensor, $"has its data in '{location}', which is outside of the model's folder. Put the file beside the model");
        }
        var path = _folder;
        foreach (var part in parts)
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
                throw Problem(tensor, $"has its data in '{location}', which is a link. Copy the file itself beside the model");
        }
        try
        {
            InputFile.ThrowIfSpecial(path);
            return _files[location] = File.OpenHandle(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new OnnxModelException(
                model, $"the tensor '{tensor.Name}' has its data in '{location}', which cannot be read: {e.Message}", e);
        }
    }

    private long? Number(TensorProto tensor, string key) => Entry(tensor, key) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Problem(tensor, $"has '{text}' for the {key} of its external data");

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;

    private OnnxModelException Problem(TensorProto tensor, string problem) => new(model, $"the tensor '{tensor.Name}' {problem}.");
}
