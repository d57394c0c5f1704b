using System.CommandLine;
using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

public sealed class JsonTests : IDisposable
{
    private static readonly string[] Silent = ["completion", "complete"];

    private readonly Transferkit _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void Every_command_that_reports_something_has_json()
    {
        var commands = Leaves(Tool.CreateRoot(Settings.Read())).Where(c => !Silent.Contains(c.Name)).ToArray();

        Assert.True(commands.Length > 20);
        Assert.All(commands, command => Assert.Contains(command.Options, option => option.Name == "--json"));
    }

    [Fact]
    public void A_feature_set_is_reported_as_json_from_its_extraction_on()
    {
        Directory.CreateDirectory(_tool.File("pictures"));
        File.Copy(Goldens.Path("images", "chelsea.png"), _tool.File("pictures", "a.png"));
        File.WriteAllText(_tool.File("pictures", "b.png"), "no picture");

        var extracted = Run(3, "extract", "pictures", "--out", "set/", "--json");
        Assert.Equal((1, 1), (extracted.GetProperty("written").GetInt32(), extracted.GetProperty("failures").GetInt32()));
        Assert.Equal("b.png", extracted.GetProperty("skipped")[0].GetProperty("path").GetString());
        Assert.Equal(1280, extracted.GetProperty("shape")[0].GetInt32());
        Assert.Equal(1, Run(3, "extract", "pictures", "--out", "f.npz", "--json").GetProperty("failures").GetInt32());
        Assert.Equal(1, Run(0, "convert", "set", "f.csv", "--json").GetProperty("written").GetInt32());
        Assert.Equal("whole", Run(0, "features", "check", "set", "--json").GetProperty("state").GetString());
        Assert.Equal(1, Run(0, "merge", "set", "--json").GetProperty("rows").GetInt32());
        Assert.True(Run(0, "merge", "set", "--status", "--json")[0].GetProperty("complete").GetBoolean());
        Assert.Equal(2, _tool.Run("extract", "pictures", "--out", "-", "--json").ExitCode);
    }

    [Fact]
    public void Weights_that_travel_are_reported_as_json()
    {
        string[] name = ["mobilenet_v2", "--alpha", "0.35", "--no-top", "--json"];
        var mirror = Goldens.Path("..", "..", "src", "TransferKit.Weights.MobileNetV2");

        var path = Run(0, ["weights", "pull", .. name, "--mirror", mirror])[0].GetProperty("path").GetString();
        Assert.Equal(path, Run(0, ["weights", "path", .. name])[0].GetProperty("path").GetString());
        var exported = Run(0, ["weights", "export", "w.zip", .. name]);
        Assert.Equal(new FileInfo(_tool.File("w.zip")).Length, exported.GetProperty("size").GetInt64());
        Assert.True(Run(0, ["weights", "remove", .. name])[0].GetProperty("removed").GetBoolean());
        Assert.Equal(path, Run(0, "weights", "import", "w.zip", "--json")[0].GetProperty("path").GetString());
    }

    [Fact]
    public void Predictions_of_a_file_and_its_export_are_reported_as_json()
    {
        File.Copy(Goldens.Path("images", "chelsea.png"), _tool.File("a.png"));
        string[] random = ["--weights", "none", "--alpha", "0.35"];

        var results = Run(3, ["predict", "a.png", "absent.png", "--backbone", "mobilenet_v2", "--top", "2", .. random, "--json"]);
        var predictions = results[0].GetProperty("outputs")[0].GetProperty("predictions");
        Assert.Equal(2, predictions.GetArrayLength());
        Assert.StartsWith("n", predictions[0].GetProperty("class_id").GetString());
        Assert.Contains("absent.png", results[1].GetProperty("error").GetString());

        var exported = Run(0, ["export", "mobilenet_v2", .. random, "--out", "m.onnx", "--json"]);
        Assert.Equal(new FileInfo(_tool.File("m.onnx")).Length, exported.GetProperty("size").GetInt64());
    }

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);

    private JsonElement Run(int exitCode, params string[] arguments)
    {
        var (code, output, error) = _tool.Run(arguments);
        Assert.True(code == exitCode, $"{code}: {output}{error}");
        return JsonDocument.Parse(output).RootElement;
    }
}
