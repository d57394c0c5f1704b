using System.Text.Json;

namespace TransferKit.Cli.Tests;

/// <summary>Learns dark and light pictures as a user does.</summary>
public sealed class LearnCommandTests : IDisposable
{
    private static readonly string[] Small = ["--input-size", "32x32", "--folds", "2"];
    private readonly Transferkit _tool = new();

    [Fact]
    public void A_folder_a_class_becomes_a_model_that_predict_takes()
    {
        AddPictures(("dark", 10), ("light", 200));

        var first = _tool.Run(["learn", "photos", "--out", "cats.h5", "--onnx", "cats.onnx", .. Small]);
        var again = _tool.Run(["learn", "photos", "--out", "cats.h5", "--json", .. Small]);
        var predict = _tool.Run("predict", "photos/light/1.ppm", "--model", "cats.h5");

        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains("accuracy     1.0000 ± 0.0000 in 2 folds", first.Out);
        Assert.Contains("Wrote cats.h5, cats.h5.json, cats.onnx; features are in cats.features.", first.Error);
        Assert.True(File.Exists(_tool.File("cats.onnx")));
        Assert.Equal(0, again.ExitCode);
        using var report = JsonDocument.Parse(again.Out);
        Assert.Equal(1, report.RootElement.GetProperty("accuracy").GetDouble());
        Assert.Equal(0, predict.ExitCode);
        Assert.Matches(@"^photos/light/1\.ppm\n  +[01]\.\d+  light\n", predict.Out);
    }

    [Fact]
    public void Misuse_ends_with_2_and_pictures_of_one_class_with_3()
    {
        AddPictures(("dark", 10));

        var one = _tool.Run(["learn", "photos", "--out", "one.classifier", .. Small]);
        var kind = _tool.Run("learn", "photos", "--out", "x.h5", "--kind", "nearestneighbours");
        var extension = _tool.Run("learn", "photos", "--out", "x.txt");

        Assert.Equal(3, one.ExitCode);
        Assert.Contains("All 4 rows have the label 'dark'", one.Error);
        Assert.Equal(2, kind.ExitCode);
        Assert.Contains(".classifier", Assert.Single(kind.Error.TrimEnd().Split('\n')));
        Assert.Equal(2, extension.ExitCode);
    }

    public void Dispose() => _tool.Dispose();

    private void AddPictures(params (string Class, byte Grey)[] classes)
    {
        foreach (var (name, grey) in classes)
        {
            Directory.CreateDirectory(_tool.File("photos", name));
            for (var i = 0; i < 4; i++)
            {
                byte[] pixels = [.. Enumerable.Range(0, 192).Select(p => (byte)(grey + 5 * i + p % 7))];
                File.WriteAllBytes(_tool.File("photos", name, $"{i}.ppm"), [.. "P6 8 8 255\n"u8, .. pixels]);
            }
        }
    }
}
