using System.Text.Json;

namespace TransferKit.Tests.Configs;

/// <summary>
/// Writes files with what TransferKit predicts to a folder, where Keras judges them (<c>tests/goldens/configs/README.md</c>). Does nothing
/// where the environment names no folder.
/// </summary>
internal static class KerasJudge
{
    public const string Variable = "TRANSFERKIT_KERAS_FOLDER";

    public static string? Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <param name="name">The name in Keras' report.</param>
    /// <param name="files">The files of one model in different formats.</param>
    /// <param name="size">The height and width of the pictures.</param>
    /// <param name="backbone">The model.</param>
    /// <param name="compiled">The class of the optimizer that the files name. Defaults to null: not compared.</param>
    /// <param name="contrast">The number of values that pixels take, around grey. Defaults to all.</param>
    public static void Add(string name, string[] files, ImageSize size, IBackbone backbone, string? compiled = null, int contrast = 256)
    {
        if (Folder is not { } folder)
            return;
        foreach (var file in files)
        {
            var extension = file.EndsWith(".weights.h5", StringComparison.Ordinal) ? ".weights.h5" : Path.GetExtension(file);
            if (Path.GetFullPath(file) != Path.GetFullPath(Path.Combine(folder, name + extension)))
                File.Copy(file, Path.Combine(folder, name + extension), overwrite: true);
        }
        var pixels = new byte[2 * size.Height * size.Width * 3];
        new Random(1).NextBytes(pixels);
        pixels = Array.ConvertAll(pixels, p => (byte)(128 - contrast / 2 + p % contrast));
        var prepared = Preprocess.Apply(Array.ConvertAll(pixels, p => (float)p), backbone.Preprocess);
        // A grey model reads the first of three channels, and Keras' has only one.
        var step = backbone.Images.ColorMode == ColorMode.Grayscale ? 3 : 1;
        var outputs = backbone.PredictAll(pixels);
        var expected = new Dictionary<string, object>
        {
            ["shape"] = new[] { 2, size.Height, size.Width, 3 / step },
            ["pixels"] = prepared.Where((_, i) => i % step == 0),
            ["outputs"] = backbone.Outputs.SelectMany(o => outputs[o.Layer].ToArray()),
            ["bound"] = 1e-5,
        };
        if (compiled is not null)
            expected["compiled"] = compiled;
        File.WriteAllText(Path.Combine(folder, name + ".json"), JsonSerializer.Serialize(expected));
    }
}
