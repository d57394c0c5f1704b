using System.Text.Json;

namespace TransferKit.Cli.Tests;

/// <summary>Explains a picture as a user does.</summary>
public sealed class ExplainCommandTests : IDisposable
{
    private readonly Transferkit _tool = new();

    [Fact]
    public void A_heat_map_is_drawn_over_the_picture()
    {
        byte[] pixels = [.. Enumerable.Range(0, 40 * 30 * 3).Select(p => (byte)(p * 7))];
        File.WriteAllBytes(_tool.File("photo.ppm"), [.. "P6 40 30 255\n"u8, .. pixels]);
        string[] network = ["--backbone", "mobilenet_v2", "--weights", "none", "--input-size", "64x64"];

        var named = _tool.Run(["explain", "photo.ppm", "--class", "tabby", .. network]);
        var json = _tool.Run(["explain", "photo.ppm", "--out", "why.png", "--json", .. network]);
        var stranger = _tool.Run(["explain", "photo.ppm", "--class", "unicorn horn", .. network]);

        Assert.True(named.ExitCode == 0, named.Error);
        Assert.Matches(@"^ +0\.\d+  tabby\n$", named.Out);
        Assert.Contains("Wrote photo.heat.png.", named.Error);
        Assert.Equal((40, 30), (RgbImage.Load(_tool.File("why.png")).Width, RgbImage.Load(_tool.File("why.png")).Height));
        using var map = JsonDocument.Parse(json.Out);
        Assert.Equal("ClassActivation", map.RootElement.GetProperty("method").GetString());
        Assert.Equal(4, map.RootElement.GetProperty("values").GetArrayLength());
        Assert.Equal(2, stranger.ExitCode);
        Assert.Equal(2, _tool.Run("explain", "photo.ppm").ExitCode);
        Assert.Equal(3, _tool.Run(["explain", "absent.jpg", .. network]).ExitCode);
    }

    public void Dispose() => _tool.Dispose();
}
