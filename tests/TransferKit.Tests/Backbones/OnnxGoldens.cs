using System.Text.Json;

namespace TransferKit.Tests;

/// <summary>Reads the ONNX files that PyTorch exported, and what it computes of pictures.</summary>
internal static class OnnxGoldens
{
    private static readonly string[] Pictures = ["chelsea.png", "rocket.jpg", "coffee.png"];

    private static readonly Lazy<JsonDocument> Expected =
        new(() => JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("onnx-models", "expected.json"))));

    public static TheoryData<string, string> Cases =>
        [.. from model in Expected.Value.RootElement.EnumerateObject() from picture in Pictures select (model.Name, picture)];

    public static string Model(string name) => Goldens.Path("onnx-models", name, "model.onnx");

    public static string Picture(string name) => Goldens.Path("images", name);

    /// <summary>Gets the bytes of Pillow's pixels.</summary>
    public static byte[] Pixels(string model, string picture) =>
        File.ReadAllBytes(Goldens.Path("onnx-models", model, $"{picture}.rgb"));

    /// <summary>Gets PyTorch's outputs by their names, maps with the channel last.</summary>
    public static Dictionary<string, (int[] Shape, float[] Values)> Outputs(string model, string picture)
    {
        var found = Expected.Value.RootElement.GetProperty(model).EnumerateArray()
            .Single(c => c.GetProperty("picture").GetString() == picture);
        return found.GetProperty("outputs").EnumerateObject().ToDictionary(o => o.Name, o => ChannelLast(
            [.. found.GetProperty("shapes").GetProperty(o.Name).EnumerateArray().Select(d => d.GetInt32())],
            [.. o.Value.EnumerateArray().Select(v => v.GetSingle())]));
    }

    /// <summary>Gets the largest difference, relative to the largest expected number.</summary>
    public static float Difference(float[] expected, ReadOnlySpan<float> found)
    {
        var difference = 0f;
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < found.Length; i++)
            difference = Math.Max(difference, Math.Abs(found[i] - expected[i]));
        return difference / expected.Max(Math.Abs);
    }

    private static (int[] Shape, float[] Values) ChannelLast(int[] shape, float[] values)
    {
        if (shape is not [var channels, var height, var width])
            return (shape, values);
        var last = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
            last[(i % (height * width) * channels) + (i / (height * width))] = values[i];
        return ([height, width, channels], last);
    }
}
