using System.Diagnostics;
using TransferKit.Tests;

namespace TransferKit.FeatureSets.Tests;

/// <summary>Interrupts extractions and continues them.</summary>
public sealed class ResumeTests : IDisposable
{
    private static readonly FeatureSetOptions Options = new() { Shards = 3, PieceTime = TimeSpan.FromMilliseconds(20) };
    private readonly Pictures _pictures = new(60, broken: 2);

    [Fact]
    public Task A_killed_process_goes_on_with_the_same_bytes() => KillAsync(5);

    [Fact, Trait("Category", "Slow")]
    public Task A_process_killed_a_hundred_times_goes_on_with_the_same_bytes() => KillAsync(100);

    [Fact]
    public async Task A_cancelled_run_keeps_its_rows()
    {
        await _pictures.ExtractAsync("whole", Options);

        await CancelAsync();
        var report = await _pictures.ExtractAsync("set", Options);

        Assert.InRange(report.Computed, 1, 50);
        Assert.Equal(62, report.Files);
        Assert.Equal(_pictures.Bytes("whole"), _pictures.Bytes("set"));
    }

    [Theory]
    [InlineData("empty"), InlineData("half"), InlineData("zeros")]
    public async Task A_piece_that_lost_its_content_with_the_power_is_computed_again(string content)
    {
        await _pictures.ExtractAsync("whole", Options);
        await CancelAsync();
        var piece = Directory.GetFiles(_pictures.Out("set", ".work"), "*.parquet", SearchOption.AllDirectories)[0];
        var bytes = File.ReadAllBytes(piece);

        File.WriteAllBytes(piece, content switch { "empty" => [], "half" => bytes[..(bytes.Length / 2)], _ => new byte[bytes.Length] });
        var report = await _pictures.ExtractAsync("set", Options);

        Assert.InRange(report.Computed, 1, 62);
        Assert.Equal(_pictures.Bytes("whole"), _pictures.Bytes("set"));
    }

    [Theory, InlineData("a.npz"), InlineData("a.parquet"), InlineData("a.csv")]
    public async Task A_cancelled_run_into_a_file_continues_from_the_hidden_folder_beside_it(string name)
    {
        var options = new FeatureSetOptions { PieceTime = TimeSpan.FromMilliseconds(20) };
        using var source = ImageSource.Folder(_pictures.Path, recursive: true);
        Directory.CreateDirectory(_pictures.Out("whole"));
        Directory.CreateDirectory(_pictures.Out("part"));
        await Pictures.Extractor().ExtractFileAsync(source, _pictures.Out("whole", name), options);
        using var cancel = new CancellationTokenSource();
        var runs = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Pictures.Extractor(() =>
        {
            if (++runs == 6)
                cancel.Cancel();
        }).ExtractFileAsync(source, _pictures.Out("part", name), options, cancellationToken: cancel.Token));
        Assert.Equal([$".{name}.features"], Directory.GetFileSystemEntries(_pictures.Out("part")).Select(Path.GetFileName));
        var report = await Pictures.Extractor().ExtractFileAsync(source, _pictures.Out("part", name), options);

        Assert.InRange(report.Computed, 1, 61);
        Assert.Equal(_pictures.Bytes("whole"), _pictures.Bytes("part"));
    }

    [Fact]
    public async Task New_changed_and_vanished_pictures_are_told_and_only_they_are_read()
    {
        await _pictures.ExtractAsync("set", Options);
        _pictures.Add("new1.ppm", 101);
        _pictures.Add("new2.ppm", 102);
        File.SetLastWriteTimeUtc(_pictures.Add("0/0003.ppm", 103), DateTime.UtcNow.AddMinutes(-1));
        File.Delete(Path.Combine(_pictures.Path, "0", "0006.ppm"));

        var report = await _pictures.ExtractAsync("set", Options);
        var again = await _pictures.ExtractAsync("set", Options);

        Assert.Equal((3, 2, 1, 1), (report.Computed, report.Added, report.Changed, report.Vanished));
        Assert.Equal((63, 61, 2), (report.Files, report.Rows, report.Failures));
        Assert.Equal((0, 0, 63), (again.Computed, again.Added, again.Files));
        await _pictures.ExtractAsync("fresh", Options);
        Assert.Equal(_pictures.Bytes("fresh"), _pictures.Bytes("set"));
    }

    [Fact]
    public async Task Other_options_are_refused_by_name_until_a_restart()
    {
        await _pictures.ExtractAsync("set", Options);
        var extractor = new FeatureExtractor(
            new PublicApi.Tests.MeanColour(), new() { Recursive = true, Images = new() { Interpolation = Interpolation.Bicubic } });
        var before = _pictures.Bytes("set");

        var error = await Assert.ThrowsAsync<FeatureSetChangedException>(() =>
            extractor.ExtractSetAsync(_pictures.Path, _pictures.Out("set")));

        Assert.Equal(["interpolation: was nearest, is bicubic"], error.Differences);
        Assert.Equal(before, _pictures.Bytes("set"));
        var report = await extractor.ExtractSetAsync(_pictures.Path, _pictures.Out("set"), new() { Restart = true });
        Assert.Equal((62, 62), (report.Computed, report.Files));
        using var set = FeatureSet.Open(_pictures.Out("set"));
        Assert.Equal("bicubic", set.Stamp["interpolation"]);
    }

    [Fact]
    public async Task Pixels_of_a_resize_of_TensorFlow_are_another_option_and_run_in_floats_beside_empty_places_of_a_batch()
    {
        await _pictures.ExtractAsync("set", Options);
        var images = new ImageLoadOptions { Resize = ResizeMethod.ImageDatasetFromDirectory };
        var extractor = new FeatureExtractor(new PublicApi.Tests.MeanColour(), new() { Recursive = true, BatchSize = 3, Images = images });

        var error = await Assert.ThrowsAsync<FeatureSetChangedException>(() =>
            extractor.ExtractSetAsync(_pictures.Path, _pictures.Out("set")));
        var report = await extractor.ExtractSetAsync(_pictures.Path, _pictures.Out("floats"));

        Assert.Equal(
            [
                "dct_method: was integeraccurate, is integerfast", "interpolation: was nearest, is bilinear",
                "resize: was loadimg, is imagedatasetfromdirectory",
            ],
            error.Differences);
        Assert.Equal((60, 2), (report.Rows, report.Failures));
        using var set = FeatureSet.Open(_pictures.Out("floats"));
        var row = await set.FindAsync("0/0057.ppm", TestContext.Current.CancellationToken);
        Assert.Equal((float[])[57, 57, 57], row!.Features.ToArray());
    }

    [Fact]
    public async Task A_whole_model_is_told_from_another_by_the_hash_of_its_file()
    {
        var file = Goldens.Path("keras-models", "nested-frozen.keras");
        using var model = KerasModel.Open(file, new() { CacheCompiledModel = false });

        await new FeatureExtractor(model, new() { Recursive = true }).ExtractSetAsync(_pictures.Path, _pictures.Out("set"));

        using var set = FeatureSet.Open(_pictures.Out("set"));
        var hash = System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file));
        Assert.Equal($"sha256:{Convert.ToHexStringLower(hash)}", set.Stamp["weights"]);
    }

    [Fact]
    public async Task An_ONNX_file_of_another_library_makes_a_set_and_is_known_by_its_options()
    {
        using var first = Vit(OnnxPooling.Cls);
        using var other = Vit(OnnxPooling.Avg);

        var report = await new FeatureExtractor(first, new() { Recursive = true }).ExtractSetAsync(_pictures.Path, _pictures.Out("set"));
        var error = await Assert.ThrowsAsync<FeatureSetChangedException>(() =>
            new FeatureExtractor(other, new() { Recursive = true }).ExtractSetAsync(_pictures.Path, _pictures.Out("set")));

        Assert.Equal((60, 2), (report.Rows, report.Failures));
        Assert.Equal(["pooling: was cls, is avg"], error.Differences);

        static IBackbone Vit(OnnxPooling pooling) => Backbone.FromOnnx(
            Goldens.Path("onnx-models", "vit", "model.onnx"),
            new() { Outputs = ["last_hidden_state"], Pooling = pooling, CacheCompiledModel = false });
    }

    [Fact]
    public async Task Failures_are_kept_until_they_are_to_be_tried_again()
    {
        await _pictures.ExtractAsync("set", Options);
        var broken = Path.Combine(_pictures.Path, "broken0.jpg");
        var time = File.GetLastWriteTimeUtc(broken);
        File.WriteAllBytes(broken, [.. "P5 1 1 9\n"u8, 5]);
        File.SetLastWriteTimeUtc(broken, time);

        Assert.Equal(2, (await _pictures.ExtractAsync("set", Options)).Failures);
        var report = await _pictures.ExtractAsync("set", Options with { RetryFailed = true });

        Assert.Equal((2, 1, 61), (report.Computed, report.Failures, report.Rows));
    }

    [Fact]
    public async Task A_second_process_on_the_same_set_stops_with_the_name_of_the_first()
    {
        using var first = ChildProcess.Start(ExtractSlowlyAsync, [_pictures.Path, _pictures.Out("set"), "50"]);
        try
        {
            while (Directory.GetFiles(_pictures.Out(), "*.claim", SearchOption.AllDirectories).Length == 0)
                await Task.Delay(20, TestContext.Current.CancellationToken);

            var error = await Assert.ThrowsAsync<FeatureSetBusyException>(() => _pictures.ExtractAsync("set", Options));

            Assert.Contains($"process {first.Id} on ", error.Message);
        }
        finally
        {
            first.Kill();
        }
    }

    [Fact]
    public async Task A_full_disk_names_the_shard_and_the_next_run_goes_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Limits of this kind are Unix'.");
        await _pictures.ExtractAsync("whole", Options with { Shards = 1 });

        using var process = ChildProcess.Start(ExtractSlowlyAsync, [_pictures.Path, _pictures.Out("set"), "1", "1"], largestFile: 2);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        var shard = _pictures.Out("set", "shard-00000-of-00001.parquet");
        Assert.StartsWith($"{nameof(OutputFileException)}: '{shard}' cannot be written", error);
        await _pictures.ExtractAsync("set", Options with { Shards = 1 });
        Assert.Equal(_pictures.Bytes("whole"), _pictures.Bytes("set"));
    }

    private async Task CancelAsync()
    {
        using var cancel = new CancellationTokenSource();
        var runs = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _pictures.ExtractAsync("set", Options, () =>
        {
            if (++runs == 6)
                cancel.Cancel();
        }, cancel.Token));
    }

    private async Task KillAsync(int times)
    {
        await _pictures.ExtractAsync("whole", Options);
        var random = new Random(1);
        var kept = 0;
        for (var killed = 0; killed < times;)
        {
            using var process = ChildProcess.Start(ExtractSlowlyAsync, [_pictures.Path, _pictures.Out("set"), "20"]);
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            while (!process.HasExited && !HasClaimOf(process))
                await Task.Delay(5, TestContext.Current.CancellationToken);
            // Every second process is killed after it has kept a piece, the others at any moment.
            var pieces = Pieces();
            while (killed % 2 == 1 && !process.HasExited && Pieces() <= pieces)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            await Task.Delay(random.Next(200), TestContext.Current.CancellationToken);
            if (!process.HasExited)
            {
                process.Kill();
                killed++;
            }
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode is 0 or 137, await error);
            kept += Pieces() > 0 ? 1 : 0;
            if (process.ExitCode == 0)
            {
                Assert.Equal(_pictures.Bytes("whole"), _pictures.Bytes("set"));
                Directory.Delete(_pictures.Out("set"), recursive: true);
            }
        }
        await _pictures.ExtractAsync("set", Options);
        Assert.Equal(_pictures.Bytes("whole"), _pictures.Bytes("set"));
        Assert.True(kept > 0, "No run was killed after it had kept a piece.");
    }

    private bool HasClaimOf(Process process) => Path.Combine(_pictures.Out("set"), ".work") is var claims && Directory.Exists(claims)
        && Directory.EnumerateFiles(claims, "*.claim").Any(f => File.GetLastWriteTime(f) > process.StartTime);

    private int Pieces() => Directory.Exists(_pictures.Out("set"))
        ? Directory.EnumerateFiles(_pictures.Out("set"), "*.parquet", SearchOption.AllDirectories).Count()
        : 0;

    private static Task ExtractSlowlyAsync(string[] args) => Pictures.ExtractAsync(
        args[0], args[1], Options with { Shards = args.Length > 3 ? int.Parse(args[3]) : Options.Shards },
        () => Thread.Sleep(int.Parse(args[2])));

    public void Dispose() => _pictures.Dispose();
}
