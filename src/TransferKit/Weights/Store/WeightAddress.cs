using TransferKit.Common;

namespace TransferKit.WeightSources.Store;

/// <summary>Represents an address from which a file may come: a URL, or a file in a folder.</summary>
internal sealed record WeightAddress
{
    private WeightAddress(string text) => Text = text;

    public string Text { get; }
    public Uri? Network { get; private init; }
    public string? File { get; private init; }

    public override string ToString() => Text;

    public static WeightAddress Of(Uri url) => url.IsFile
        ? new(url.LocalPath) { File = url.LocalPath }
        : new(url.AbsoluteUri) { Network = url };

    /// <summary>Gets the address of a file under a mirror's base address or folder.</summary>
    public static WeightAddress OfMirror(string mirror, string file)
    {
        if (!mirror.Contains("://", StringComparison.Ordinal))
            return Of(new Uri(Path.Combine(Path.GetFullPath(mirror), file)));
        if (!Uri.TryCreate(mirror.EndsWith('/') ? mirror : mirror + "/", UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https" or "file"))
        {
            throw new ArgumentException(
                $"The mirror '{Printable.Of(mirror)}' is neither a folder nor an http, https or file address.", nameof(mirror));
        }
        return Of(new Uri(address, Uri.EscapeDataString(file)));
    }
}
