using System.Text.Json;
using TransferKit.Common;

namespace TransferKit.Backbones.Whole;

/// <summary>
/// Reads the names of a model's classes from a file: one a line, with or without its number as Teachable Machine writes them
/// (<c>0 cats</c>); or JSON, a list, an object with <c>labels</c>, or Keras' <c>class_indices</c>.
/// </summary>
internal static class LabelFile
{
    private const int MostBytes = 16 << 20;

    /// <summary>
    /// Finds the file of a model's classes: <c>labels.txt</c> in its folder, or its name with <c>.json</c>; null if there is none.
    /// </summary>
    public static string? Beside(string model)
    {
        string[] candidates = [Path.Combine(Path.GetDirectoryName(Path.GetFullPath(model))!, "labels.txt"), model + ".json"];
        return candidates.FirstOrDefault(File.Exists);
    }

    /// <exception cref="KerasModelException">The file is not a list of names.</exception>
    public static string[] Read(string model, string path)
    {
        try
        {
            using var reader = new StreamReader(new MemoryStream(InputFile.ReadAllBytes(path, MostBytes)));
            var text = reader.ReadToEnd();
            string[] labels = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? FromJson(text) : FromLines(text);
            return labels.Length > 0 ? labels : throw new FormatException("it is empty");
        }
        catch (Exception e) when (
            e is FormatException or JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new KerasModelException(model, null,
                $"its labels '{path}' cannot be read: {e.Message}. Give the names with Labels, or an empty list to ignore the file.", e);
        }
    }

    private static string[] FromLines(string text)
    {
        string[] lines = [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        var isNumbered = lines.Select((line, i) => line == $"{i}" || line.StartsWith($"{i} ", StringComparison.Ordinal)).All(n => n);
        return isNumbered ? [.. lines.Select((line, i) => line[$"{i}".Length..].Trim())] : lines;
    }

    private static string[] FromJson(string text)
    {
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("labels", out var labels))
            root = labels;
        if (root.ValueKind == JsonValueKind.Array)
            return [.. root.EnumerateArray().Select(l => l.GetString() ?? throw new FormatException("a label is null"))];
        var indices = root.EnumerateObject().Select(p => (p.Name, Index: p.Value.GetInt32())).OrderBy(p => p.Index).ToArray();
        return indices.Select((p, i) => p.Index == i).All(n => n)
            ? [.. indices.Select(p => p.Name)]
            : throw new FormatException("its numbers are not 0, 1, 2, …");
    }
}
