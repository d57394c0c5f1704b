using System.Security.Cryptography;
using System.Text.Json;

namespace TransferKit.Tests.Imaging;

/// <summary>Represents one image of <c>images.json</c> with Pillow's results.</summary>
internal sealed class GoldenImage
{
    private static readonly Dictionary<string, GoldenImage> All = Load();

    private GoldenImage(string name, JsonElement facts)
    {
        Name = name;
        Facts = facts;
    }

    public string Name { get; }

    public JsonElement Facts { get; }

    public string? PillowMode => Facts.TryGetProperty("pillow_mode", out var mode) ? mode.GetString() : null;

    public bool PillowFailed => PillowMode is null;

    /// <summary>Gets whether Pillow's mode has more than 8 bits per channel, which it clips during conversion to RGB.</summary>
    public bool HasSixteenBits => PillowMode is { } mode && mode.StartsWith('I');

    public static IEnumerable<GoldenImage> Readable => All.Values.Where(i => !i.PillowFailed && !i.HasSixteenBits);

    public static IEnumerable<GoldenImage> Every => All.Values;

    public static GoldenImage Of(string name) => All[name];

    public byte[] Bytes() => File.ReadAllBytes(Goldens.Path("images", Name));

    public RgbImage Decode() => new SkiaImageDecoder().Decode(Bytes(), Name, new ImageDecodeOptions());

    public static string Sha256(RgbImage image) => Convert.ToHexStringLower(SHA256.HashData(image.Pixels.Span));

    private static Dictionary<string, GoldenImage> Load()
    {
        using var stream = File.OpenRead(Goldens.Path("images.json"));
        var images = JsonDocument.Parse(stream).RootElement.GetProperty("images");
        return images.EnumerateObject().ToDictionary(p => p.Name, p => new GoldenImage(p.Name, p.Value));
    }
}
