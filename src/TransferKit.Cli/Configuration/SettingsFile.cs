using System.Text.Json;
using TransferKit.Common;

namespace TransferKit.Cli;

/// <summary>Reads the settings of a <c>transferkit.json</c>.</summary>
internal static class SettingsFile
{
    public const string Name = "transferkit.json";

    // A file of four settings is small; a larger one is something else.
    private const int MaxBytes = 64 << 10;

    private static readonly JsonDocumentOptions Options = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 2,
    };

    /// <summary>Returns the settings of a file; none if it does not exist.</summary>
    /// <exception cref="ArgumentException">
    /// The file is no JSON, is too large, or has an unknown name or a value of the wrong type.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The file is a pipe or a device, or may not be read.</exception>
    public static IEnumerable<Setting> Read(string path)
    {
        if (!File.Exists(path))
            return [];
        path = Path.GetFullPath(path);
        try
        {
            using var json = JsonDocument.Parse(InputFile.ReadAllBytes(path, MaxBytes), Options);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? [.. json.RootElement.EnumerateObject().Select(p => Parse(p, path))]
                : throw new ArgumentException($"'{path}' must be an object, such as {{ \"backbone\": \"resnet50\" }}.");
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"'{path}' is not valid JSON: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new ArgumentException($"'{path}' is no file of settings: {e.Message}", e);
        }
    }

    private static Setting Parse(JsonProperty property, string path)
    {
        var names = SettingName.All.Select(n => n.Name);
        var name = SettingName.All.FirstOrDefault(n => n.Name == property.Name)
            ?? throw new ArgumentException(
                $"'{path}' has the setting '{property.Name}', which does not exist. "
                + NearestName.Question(property.Name, NearestName.Of(property.Name, names))
                + $"The settings are {string.Join(", ", names)}.");
        return name.Create(Texts(property.Value, name.Kind, path, property.Name), path, Path.GetDirectoryName(path)!);
    }

    private static string[] Texts(JsonElement value, SettingKind kind, string path, string name) => (kind, value.ValueKind) switch
    {
        (SettingKind.Flag, JsonValueKind.True or JsonValueKind.False) => [value.GetRawText()],
        (SettingKind.Addresses, JsonValueKind.Array) when value.EnumerateArray().All(IsText) =>
            [.. value.EnumerateArray().Select(e => e.GetString()!)],
        (not SettingKind.Flag, JsonValueKind.String) when IsText(value) => [value.GetString()!],
        _ => throw new ArgumentException($"'{path}' sets {name} to {value.GetRawText()}; it must be {Expected(kind)}."),
    };

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 };

    private static string Expected(SettingKind kind) => kind switch
    {
        SettingKind.Flag => "true or false",
        SettingKind.Addresses => "a text, or an array of texts",
        _ => "a text",
    };
}
