using TransferKit.Common;

namespace TransferKit;

/// <summary>Thrown when the extension of an output file names no supported format.</summary>
public sealed class OutputFormatException : ArgumentException
{
    private OutputFormatException(string path, IReadOnlyList<string> extensions)
        : base(Printable.Of($"'{path}' {Problem(path)}. Name a file that ends in {string.Join(" or ", extensions)}.")) =>
        (Path, Extensions) = (path, extensions);

    /// <summary>Gets the path of the file.</summary>
    public string Path { get; }

    /// <summary>Gets the extensions of the supported formats.</summary>
    public IReadOnlyList<string> Extensions { get; }

    internal static void ThrowIfUnknown(string path, params ReadOnlySpan<string> extensions)
    {
        if (extensions.IsEmpty)
            return;
        foreach (var extension in extensions)
        {
            if (path.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
                return;
        }
        throw new OutputFormatException(path, extensions.ToArray());
    }

    private static string Problem(string path) => System.IO.Path.GetExtension(path) is { Length: > 0 } extension
        ? $"has the extension '{extension}', which is not a supported format"
        : "has no extension that names its format";
}
