using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using TransferKit.Common;

namespace TransferKit.WeightSources.Store;

/// <summary>
/// Reads and writes JSON files that hold the XXH128 hash of their own content: <c>{"seal": "…", "content": …}</c>. The hash detects
/// damage. It does not stop an attacker, who could also replace it; <see cref="PrivateFolder"/> does.
/// </summary>
internal static class SealedJson
{
    // The largest calibration has a few megabytes.
    private const int MostBytes = 1 << 26;

    /// <summary>Writes a file atomically.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="content">The content as UTF-8 JSON.</param>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public static void Write(string path, byte[] content) => AtomicFile.Write(path, stream =>
    {
        using var writer = new Utf8JsonWriter(stream);
        writer.WriteStartObject();
        writer.WriteString("seal", HashOf(content));
        writer.WritePropertyName("content");
        writer.WriteRawValue(content);
        writer.WriteEndObject();
    });

    /// <summary>Reads the content of a file; null if it is missing or damaged.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="read">Converts the content, while its document is open.</param>
    public static T? Read<T>(string path, Func<JsonElement, T?> read) where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(InputFile.ReadAllBytes(path, MostBytes));
            var (seal, content) = (document.RootElement.GetProperty("seal"), document.RootElement.GetProperty("content"));
            return seal.ValueEquals(HashOf(JsonMarshal.GetRawUtf8Value(content))) ? read(content) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
            or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(XxHash128.Hash(content));
}
