using System.Text.Json;

namespace TransferKit.Tests.Imaging;

/// <summary>Represents one small image of <c>jpegs</c>, each of another kind of JPEG, with Pillow's result.</summary>
internal sealed record GeneratedJpeg(string Name, byte[] Content, string PillowHash)
{
    public static IReadOnlyList<GeneratedJpeg> Every { get; } = Load();

    /// <summary>Gets whether libjpeg must decode this kind of JPEG.</summary>
    public bool IsLeft => Name.StartsWith("left_", StringComparison.Ordinal);

    public static GeneratedJpeg Of(string name) => Every.Single(j => j.Name == name);

    private static GeneratedJpeg[] Load()
    {
        using var stream = File.OpenRead(Goldens.Path("jpegs.json"));
        using var facts = JsonDocument.Parse(stream);
        return
        [
            .. facts.RootElement.EnumerateObject().Select(
                j => new GeneratedJpeg(
                    j.Name, File.ReadAllBytes(Goldens.Path("jpegs", j.Name)), j.Value.GetProperty("rgb_sha256").GetString()!)),
        ];
    }
}
