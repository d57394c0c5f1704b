using System.Text.Json;

namespace TransferKit.Tests.Imaging;

/// <summary>One of the small pictures of <c>pictures</c> and <c>cases</c>, a kind each, and what Pillow makes of it.</summary>
internal sealed record GeneratedPicture(string Path, string? PillowHash, (int Width, int Height) Size, bool IsUpright)
{
    public static IReadOnlyDictionary<string, GeneratedPicture> Every { get; } =
        Made().Concat(Cases()).ToDictionary(p => System.IO.Path.GetFileName(p.Path));

    public byte[] Bytes() => File.ReadAllBytes(Path);

    private static IEnumerable<GeneratedPicture> Made()
    {
        using var facts = JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("pictures.json")));
        foreach (var fact in facts.RootElement.EnumerateObject().Where(f => f.Value.ValueKind == JsonValueKind.Object))
        {
            var path = Goldens.Path("pictures", fact.Name);
            yield return fact.Value.TryGetProperty("sha256", out var hash)
                ? new(path, hash.GetString(), (fact.Value.GetProperty("size")[0].GetInt32(), fact.Value.GetProperty("size")[1].GetInt32()),
                    fact.Value.TryGetProperty("upright", out _))
                : new(path, null, default, false);
        }
    }

    private static IEnumerable<GeneratedPicture> Cases()
    {
        foreach (var file in Directory.GetFiles(Goldens.Path("cases"), "*.expected.json", SearchOption.AllDirectories))
        {
            using var facts = JsonDocument.Parse(File.ReadAllBytes(file));
            var root = facts.RootElement;
            if (root.TryGetProperty("rgb_sha256", out var hash) && !root.TryGetProperty("expected_reason_if_refused", out _))
            {
                yield return new(file[..^".expected.json".Length], hash.GetString(),
                    (root.GetProperty("width").GetInt32(), root.GetProperty("height").GetInt32()),
                    file.Contains("orientation", StringComparison.Ordinal));
            }
        }
    }
}
