using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TransferKit.Common;

namespace TransferKit.WeightSources.Store;

/// <summary>
/// Reads and writes small JSON files beside cached files. Writing replaces the whole file; an unreadable file counts as missing.
/// </summary>
internal static class JsonFile
{
    // Notes have a few hundred bytes, and the list of a compiled model's files a few thousand.
    private const int MostBytes = 1 << 20;

    /// <summary>
    /// Reads a file with the caller's function, because a JSON serializer would slow down every start. Returns null if it is unreadable.
    /// </summary>
    public static T? Read<T>(string path, Func<JsonElement, T> read) where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(InputFile.ReadAllBytes(path, MostBytes));
            return read(document.RootElement);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
            or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Gets a number by name; null if the object has none of that name.</summary>
    public static long? Number(JsonElement note, string name) =>
        note.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    // A link in the note's place is replaced: following it would let the cache write elsewhere.
    public static void Write<T>(string path, T value, JsonTypeInfo<T> type) where T : class
    {
        using var file = new AtomicFile(OutputTarget.Itself(path));
        using (var stream = file.Create())
            JsonSerializer.Serialize(stream, value, type);
        file.Commit();
    }
}
