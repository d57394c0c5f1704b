using System.Text.Json;

namespace TransferKit.WeightSources.Store;

/// <summary>Notes beside cached files: replaced whole, and worth nothing when unreadable.</summary>
internal static class SmallJson
{
    /// <summary>A note, by whoever takes it out of its JSON: a serializer would take longer to get ready than all else of a start.</summary>
    public static T? Read<T>(string path, Func<JsonElement, T> read) where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(document.RootElement);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
            or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>A number of a note; null where it has none of that name.</summary>
    public static long? Number(JsonElement note, string name) =>
        note.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    public static void Write<T>(string path, T value) where T : class
    {
        var beside = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes(value));
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
