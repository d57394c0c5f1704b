using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json.Nodes;
using TransferKit.Training.Fitting;
using TransferKit.Training.Torch;

namespace TransferKit.Training.Tests;

/// <summary>A checkpoint may come from anywhere: what it claims is compared with its bytes before any memory is allocated.</summary>
public sealed class FitStateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-state-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "run.checkpoint");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_state_comes_back_as_it_was_saved()
    {
        State().Save(Path);
        var state = FitState.Load(Path);
        Assert.Equal(("run", 7L, 0.5), (state.Run, state.Steps, state.BestValue));
        Assert.Equal([1f, 2f, 3f], state.Weights.Values["a"][0]);
        Assert.Equal([5f], state.Slots[1][0]);
        Assert.Equal(0.25, Assert.Single(state.Epochs).Logs["loss"]);
        Assert.Null(state.Misfit(State().Weights, [[3], [1]], "loss"));
    }

    [Theory]
    [InlineData("Layers", """{"a":[2000000000]}""", "are not the arrays")]
    [InlineData("Layers", """{"a":[-1,4]}""", "are not the arrays")]
    [InlineData("Layers", """{"a":[2]}""", "are not the arrays")]
    [InlineData("Layers", """{"a":null}""", "are not the arrays")]
    [InlineData("Layers", "null", "Layers")]
    [InlineData("Slots", "[[2147483647],[2147483647],[2147483647]]", "are not the arrays")]
    [InlineData("Slots", "[null]", "are not the arrays")]
    [InlineData("Slots", "7", "Slots")]
    [InlineData("Epochs", "[null]", "header is empty")]
    [InlineData("Epochs", "null", "Epochs")]
    [InlineData("Epochs", """[{"Phase":"head","Epoch":1,"Ticks":0,"Logs":null}]""", "Logs")]
    [InlineData("Parts", "{}", "hash of 'weights'")]
    [InlineData("Parts", """{"best":"","weights":"","slots":""}""", "hash of 'weights'")]
    [InlineData("Format", "2", "format")]
    [InlineData("Run", "null", "Run")]
    public void A_header_that_lies_is_refused(string property, string value, string says)
    {
        State().Save(Path);
        Rewrite(header =>
        {
            header[property] = JsonNode.Parse(value);
            return header.ToJsonString();
        });
        var e = Assert.Throws<TrainedModelException>(() => FitState.Load(Path));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Equal(Path, e.Path);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"Format":1}""")]
    [InlineData("""{"Format":1,"Format":1}""")]
    public void A_header_that_is_none_is_refused(string text)
    {
        State().Save(Path);
        Rewrite(_ => text);
        Assert.Throws<TrainedModelException>(() => FitState.Load(Path));
    }

    [Fact]
    public void A_header_that_is_compressed_or_too_large_is_refused_unread()
    {
        State().Save(Path);
        Rewrite(header => "{}", CompressionLevel.Fastest);
        Assert.Contains("compressed", Assert.Throws<TrainedModelException>(() => FitState.Load(Path)).Message, StringComparison.Ordinal);
        Rewrite(header => new string(' ', (64 << 20) + 1));
        Assert.Contains("the limit is", Assert.Throws<TrainedModelException>(() => FitState.Load(Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_part_is_refused()
    {
        State().Save(Path);
        using (var zip = ZipFile.Open(Path, ZipArchiveMode.Update))
            zip.GetEntry("slots")!.Delete();
        Assert.Contains("no 'slots'", Assert.Throws<TrainedModelException>(() => FitState.Load(Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_of_another_model_are_named()
    {
        var state = State();
        Assert.Contains(
            "'b'", state.Misfit(new(new Dictionary<string, float[][]> { ["a"] = [[1, 2, 3]], ["b"] = [[1]] }), [[3], [1]], "loss"));
        Assert.Contains("'a'", state.Misfit(new(new Dictionary<string, float[][]>()), [[3], [1]], "loss"));
        Assert.Contains("'a'", state.Misfit(new(new Dictionary<string, float[][]> { ["a"] = [[1, 2]] }), [[3], [1]], "loss"));
        Assert.Contains("slots", state.Misfit(state.Weights, [[3]], "loss"));
        Assert.Contains("slots", state.Misfit(state.Weights, [[3], [2]], "loss"));
        Assert.Contains("'val_loss'", state.Misfit(state.Weights, [[3], [1]], "val_loss"));
        var best = State(new(new Dictionary<string, float[][]> { ["a"] = [[1]] }));
        Assert.Contains("'a'", best.Misfit(best.Weights, [[3], [1]], "loss"));
    }

    [Fact]
    public async Task A_pipe_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' pipes are no files.");
        using (var made = Process.Start("mkfifo", [Path]))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        var loading = Task.Run(
            () => Assert.Throws<TrainedModelException>(() => FitState.Load(Path)), TestContext.Current.CancellationToken);
        var error = await loading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Contains("is a pipe", error.Message, StringComparison.Ordinal);
    }

    private static FitState State(WeightSnapshot? best = null) => new()
    {
        Run = "run",
        Epochs = [new("head", 1, new Dictionary<string, double> { ["loss"] = 0.25 }, TimeSpan.FromSeconds(1))],
        Steps = 7,
        BestValue = 0.5,
        Weights = new(new Dictionary<string, float[][]> { ["a"] = [[1, 2, 3]] }),
        Best = best,
        Slots = [[[1, 2, 3]], [[5]]],
    };

    private void Rewrite(Func<JsonObject, string> change, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var zip = ZipFile.Open(Path, ZipArchiveMode.Update);
        var entry = zip.GetEntry("state.json")!;
        string text;
        using (var reader = new StreamReader(entry.Open()))
            text = change(JsonNode.Parse(reader.ReadToEnd())!.AsObject());
        entry.Delete();
        using var writer = new StreamWriter(zip.CreateEntry("state.json", level).Open());
        writer.Write(text);
    }
}
