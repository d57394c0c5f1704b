using System.Diagnostics;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Onnx;
using TransferKit.Common;
using TransferKit.Quantization;
using TransferKit.Tests.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit.Tests.Onnx;

/// <summary>A compiled model that is damaged, or that another user may have written, gives no numbers.</summary>
public sealed class CompiledModelIntegrityTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root = Directory.CreateTempSubdirectory("transferkit-integrity-").FullName;
    private readonly MemoryLog _log = new();
    private static readonly byte[] Pixels = [.. FormulaWeights.Input(4, 96, 96).Select(p => (byte)p)];

    private string Compiled => Path.Combine(_root, "transferkit");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory, InlineData("optimised.bin"), InlineData("optimised.onnx")]
    public void A_changed_byte_with_length_and_time_kept_is_told_and_mended_before_a_number_is_computed(string file)
    {
        var expected = Features();
        Damage(file);
        Assert.DoesNotContain(_log.Events, e => e.Id.Name == "CompiledModelRebuilt");

        Assert.Equal(expected, Features());
        var told = Assert.Single(_log.Events, e => e.Id.Name == "CompiledModelRebuilt");
        Assert.Equal((LogLevel.Warning, 14), (told.Level, told.Id.Id));
        Assert.Contains($"its {file} has other bytes than were written", told.Text);
        Assert.Equal(expected, Features());
        Assert.Single(_log.Events, e => e.Id.Name == "CompiledModelRebuilt");
    }

    [Fact]
    public void A_model_that_is_damaged_after_its_load_opens_no_second_session()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "What is mapped cannot be written there.");
        var images = Math.Max(4, Environment.ProcessorCount);
        byte[] pixels = [.. Enumerable.Repeat(Pixels, (images + 3) / 4).SelectMany(p => p)];
        using var backbone = Load();
        var expected = backbone.Predict(pixels).ToArray();
        using var other = Load();
        // Replaced, so that what is mapped stays as it was.
        var path = PathOf("optimised.bin");
        var bytes = File.ReadAllBytes(path);
        for (var i = 0; i < bytes.Length; i += 100)
            bytes[i] ^= 1;
        File.Delete(path);
        File.WriteAllBytes(path, bytes);

        var found = other.Predict(pixels).ToArray();
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public async Task Verifying_reads_compiled_models()
    {
        Features();
        var whole = Assert.Single(await Store().VerifyAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((CachedWeightsState.Verified, true, Entry()), (whole.State, whole.IsCompiledModel, whole.Path));
        Assert.True(whole.Size > 1_000_000);

        Damage("optimised.bin");
        var wrong = Assert.Single(await Store().VerifyAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((CachedWeightsState.Wrong, true), (wrong.State, wrong.IsCompiledModel));
        Assert.Contains("optimised.bin has other bytes", wrong.Problem);

        File.WriteAllText(PathOf("entry.json"), "{");
        Assert.Contains(
            "entry.json", Assert.Single(await Store().VerifyAsync(cancellationToken: TestContext.Current.CancellationToken)).Problem);
        Assert.Empty(Store().List());
    }

    [Fact]
    public async Task Verifying_reads_calibrations()
    {
        PrivateFolder.Create(Compiled);
        var path = Path.Combine(Compiled, "a-0.int8.json");
        new Int8Recipe { Key = "k", Ranges = new() { ["conv"] = new(-1.25f, 2.5f) }, Means = [], Equalized = [], Floats = [] }
            .TrySave(path);
        var whole = Assert.Single(await Store().VerifyAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((CachedWeightsState.Verified, true, path), (whole.State, whole.IsCompiledModel, whole.Path));
        Assert.Equal(new FileInfo(path).Length, whole.Size);

        File.WriteAllText(path, File.ReadAllText(path).Replace("2.5", "3.5", StringComparison.Ordinal));
        var wrong = Assert.Single(await Store().VerifyAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(CachedWeightsState.Wrong, wrong.State);
        Assert.Contains("the next load calibrates again", wrong.Problem);
    }

    [Fact]
    public void Folders_of_compiled_models_are_their_owners_alone_and_Keras_folder_keeps_its_mode()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes.");
            return;
        }
        const UnixFileMode Shared = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
        File.SetUnixFileMode(_root, Shared);
        Features();
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Compiled));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Entry()));
        Assert.Equal(Shared, File.GetUnixFileMode(_root));
    }

    [Theory, InlineData(UnixFileMode.GroupWrite), InlineData(UnixFileMode.OtherWrite)]
    public async Task A_folder_that_others_may_write_to_is_not_used_and_the_log_says_why(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes.");
            return;
        }
        var expected = Features();
        File.SetUnixFileMode(Compiled, OwnerOnly | mode);
        var before = File.GetLastWriteTimeUtc(PathOf("entry.json"));

        await AssertNotUsed(expected, "other users may write to it");
        Assert.Equal(before, File.GetLastWriteTimeUtc(PathOf("entry.json")));
    }

    [Fact]
    public async Task A_folder_of_another_user_is_not_used_and_the_log_says_whose_it_is()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows(), "Only the superuser can give a folder away.");
        var expected = Features();
        using (var chown = Process.Start("chown", ["12345", Compiled]))
            await chown.WaitForExitAsync(TestContext.Current.CancellationToken);

        await AssertNotUsed(expected, "it belongs to the user 12345");
    }

    [Fact]
    public void A_link_in_a_files_place_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links take a privilege there.");
        var expected = Features();
        var elsewhere = Path.Combine(_root, "elsewhere");
        File.Move(PathOf("optimised.bin"), elsewhere);
        File.CreateSymbolicLink(PathOf("optimised.bin"), elsewhere);

        Assert.Equal(expected, Features());
        Assert.Contains(_log.Events, e => e.Text.Contains("its optimised.bin is a link", StringComparison.Ordinal));
        Assert.Null(new FileInfo(PathOf("optimised.bin")).LinkTarget);
    }

    [Theory]
    [InlineData("../elsewhere.bin"), InlineData("/etc/passwd"), InlineData("./../elsewhere.bin")]
    public void A_list_that_names_a_file_outside_is_refused(string name)
    {
        var expected = Features();
        File.WriteAllBytes(Path.Combine(Compiled, "elsewhere.bin"), File.ReadAllBytes(PathOf("optimised.bin")));
        Rewrite(files => files.Single(f => (string?)f!["name"] == "optimised.bin")!["name"] = name);

        Assert.Equal(expected, Features());
        Assert.Contains(_log.Events, e => e.Text.Contains("is not a file of the folder", StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_of_no_files_is_no_seal()
    {
        var expected = Features();
        Damage("optimised.bin");
        Rewrite(files => files.Clear());
        Assert.Equal(expected, Features());
        Assert.Contains(_log.Events, e => e.Text.Contains("lists no files", StringComparison.Ordinal));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Weights_that_a_compiled_model_names_outside_its_folder_are_not_read(bool absolute)
    {
        var expected = Features();
        var outside = Path.Combine(Compiled, "outside.bin");
        var bytes = File.ReadAllBytes(PathOf("optimised.bin"));
        Array.Clear(bytes);
        File.WriteAllBytes(outside, bytes);
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(PathOf("optimised.onnx")));
        foreach (var location in model.Graph.Initializer.SelectMany(t => t.ExternalData).Where(d => d.Key == "location"))
            location.Value = absolute ? outside : "../outside.bin";
        File.WriteAllBytes(PathOf("optimised.onnx"), model.ToByteArray());
        // The folder is sealed again, as only the folder's owner could.
        Rewrite(files =>
        {
            var file = files.Single(f => (string?)f!["name"] == "optimised.onnx")!;
            file["length"] = model.CalculateSize();
            file["hash"] = FileHash.Of(new MemoryStream(model.ToByteArray()));
        });

        Assert.Throws<EngineException>(Features);
        // The model that failed its check is compiled again.
        Assert.Equal(expected, Features());
    }

    private float[] Features()
    {
        using var backbone = Load();
        return backbone.Predict(Pixels).ToArray();
    }

    private IBackbone Load() => Backbone.Load("mobilenet_v2", new()
    {
        IncludeTop = false,
        Alpha = 0.35,
        Pooling = Pooling.Avg,
        InputSize = (96, 96),
        Weights = Weights.File(RealWeights.Path),
        Store = Options(),
    });

    private WeightStore Store() => new(Options());

    private WeightStoreOptions Options() => new() { CacheDirectory = _root, Offline = true, LoggerFactory = _log };

    private string Entry() => Assert.Single(Directory.GetDirectories(Compiled));

    private string PathOf(string file) => Path.Combine(Entry(), file);

    private void Damage(string file)
    {
        var path = PathOf(file);
        var time = File.GetLastWriteTimeUtc(path);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x40;
        // Replaced: a session of another test may have the old one mapped.
        File.Delete(path);
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, time);
    }

    private void Rewrite(Action<JsonArray> change)
    {
        var entry = JsonNode.Parse(File.ReadAllText(PathOf("entry.json")))!;
        change(entry["files"]!.AsArray());
        File.WriteAllText(PathOf("entry.json"), entry.ToJsonString());
    }

    private async Task AssertNotUsed(float[] expected, string why)
    {
        Assert.Equal(expected.Length, Features().Length);
        var told = Assert.Single(_log.Events, e => e.Id.Name == "CompiledModelsNotUsed");
        Assert.Equal((LogLevel.Warning, 15), (told.Level, told.Id.Id));
        Assert.Contains(why, told.Text);
        Assert.Contains(why, Assert.Single(await Store().VerifyAsync(cancellationToken: TestContext.Current.CancellationToken)).Problem);
        Assert.Single(Directory.GetFileSystemEntries(Compiled));
    }
}
