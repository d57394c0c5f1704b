using System.IO.Compression;
using TransferKit.PublicApi.Tests;

namespace TransferKit.FeatureSets.Tests;

/// <summary>Each fault of a set is an error that names the file; nothing is overwritten.</summary>
public sealed class BadSetTests : IAsyncLifetime
{
    private readonly Pictures _pictures = new(30);

    public async ValueTask InitializeAsync() => await _pictures.ExtractAsync("set", new() { Shards = 2 });

    [Theory]
    [InlineData("shard-00001-of-00002.parquet", 0.5)]
    [InlineData("shard-00001-of-00002.parquet", 0)]
    [InlineData("_manifest.json", 0.5)]
    public async Task A_file_that_is_cut_off_is_named(string name, double part)
    {
        var path = _pictures.Out("set", name);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(int)(part * bytes.Length)]);
        _pictures.Add("new.ppm", 1);
        var before = _pictures.Bytes("set");

        foreach (var use in Uses())
            Assert.Equal(path, (await Assert.ThrowsAsync<FeatureSetException>(use)).Path);

        Assert.Equal(before.Where(IsOfSet), _pictures.Bytes("set").Where(IsOfSet));

        static bool IsOfSet((string Name, string Bytes) file) => !file.Name.StartsWith(".work", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_changed_byte_of_a_shard_is_an_error_or_gives_rows_but_nothing_else()
    {
        var path = _pictures.Out("set", "shard-00000-of-00002.parquet");
        var bytes = File.ReadAllBytes(path);
        var random = new Random(2);
        for (var i = 0; i < 150; i++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            try
            {
                using var set = FeatureSet.Open(_pictures.Out("set"));
                await foreach (var row in set.ReadAsync(TestContext.Current.CancellationToken))
                    Assert.Equal(3, row.Features.Length);
            }
            catch (FeatureSetException e)
            {
                Assert.Contains("shard-00000", e.Message);
            }
        }
    }

    [Fact]
    public async Task A_deleted_shard_is_computed_again_and_a_doubled_one_is_refused()
    {
        var (path, before) = (_pictures.Out("set", "shard-00001-of-00002.parquet"), _pictures.Bytes("set"));
        File.Delete(path);
        await _pictures.ExtractAsync("set");
        Assert.Equal(before, _pictures.Bytes("set"));

        var doubled = _pictures.Out("set", "shard-00001-of-00004.parquet");
        File.Copy(path, doubled);
        foreach (var use in Uses())
            Assert.Equal(doubled, (await Assert.ThrowsAsync<FeatureSetException>(use)).Path);
    }

    [Fact]
    public async Task A_shard_under_the_name_of_another_or_of_another_set_is_refused()
    {
        var path = _pictures.Out("set", "shard-00001-of-00002.parquet");
        File.Copy(_pictures.Out("set", "shard-00000-of-00002.parquet"), path, overwrite: true);
        Assert.Contains("belongs to another shard", (await Assert.ThrowsAsync<FeatureSetException>(() => Check())).Message);

        var images = new ImageLoadOptions { Interpolation = Interpolation.Box };
        var other = new FeatureExtractor(new MeanColour(), new() { Recursive = true, Images = images });
        await other.ExtractSetAsync(_pictures.Path, _pictures.Out("other"), new() { Shards = 2 });
        File.Copy(_pictures.Out("other", "shard-00001-of-00002.parquet"), path, overwrite: true);
        foreach (var use in Uses())
            Assert.Contains("other options", (await Assert.ThrowsAsync<FeatureSetException>(use)).Message);
    }

    [Fact]
    public async Task A_picture_without_a_row_and_a_row_without_a_picture_are_named()
    {
        using var source = ImageSource.Folder(_pictures.Path, recursive: true);
        Assert.Equal(30, (await FeatureSet.CheckAsync(_pictures.Out("set"), source)).Files);
        var added = _pictures.Add("new.ppm", 1);
        Assert.Contains("'new.ppm' has no row", (await Assert.ThrowsAsync<FeatureSetException>(CheckAsync)).Message);
        File.Delete(added);
        File.Delete(Path.Combine(_pictures.Path, "0", "0000.ppm"));
        Assert.Contains("'0/0000.ppm' is no picture", (await Assert.ThrowsAsync<FeatureSetException>(CheckAsync)).Message);

        Task CheckAsync() => FeatureSet.CheckAsync(_pictures.Out("set"), source);
    }

    [Fact]
    public async Task A_folder_of_other_files_and_that_of_the_pictures_are_refused()
    {
        Directory.CreateDirectory(_pictures.Out("mine"));
        File.WriteAllText(_pictures.Out("mine", "letter.txt"), "dear");

        Assert.Contains("letter.txt", (await Assert.ThrowsAsync<FeatureSetException>(() => _pictures.ExtractAsync("mine"))).Message);
        await Assert.ThrowsAsync<ArgumentException>(() => Pictures.ExtractAsync(_pictures.Path, _pictures.Path));
        Assert.Contains("no feature set", Assert.Throws<FeatureSetException>(() => FeatureSet.Open(_pictures.Out("mine"))).Message);
        Assert.Throws<FileNotFoundException>(() => FeatureSet.Open(_pictures.Out("absent")));
        Assert.Equal(["letter.txt"], Directory.GetFileSystemEntries(_pictures.Out("mine")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("a.npz"), InlineData("a.csv"), InlineData("a.jsonl"), InlineData("a.arrow"), InlineData("a.parquet")]
    public async Task A_damaged_file_of_any_format_is_an_error_that_names_it(string name)
    {
        var path = _pictures.Out(name);
        using (var set = FeatureSet.Open(_pictures.Out("set")))
            await set.SaveAsync(path, TestContext.Current.CancellationToken);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2 + 1)]);

        var error = await Assert.ThrowsAsync<FeatureSetException>(async () =>
        {
            using var set = FeatureSet.Open(path);
            await foreach (var _ in set.ReadAsync(TestContext.Current.CancellationToken))
            {
            }
        });

        Assert.Equal(path, error.Path);
    }

    [Fact]
    public async Task An_absent_file_of_a_list_is_a_row_and_a_file_twice_is_refused_before_anything_is_written()
    {
        var (list, twice) = (Path.Combine(_pictures.Path, "list.txt"), Path.Combine(_pictures.Path, "twice.txt"));
        File.WriteAllText(list, "0/0000.ppm\nabsent.ppm\n1/0001.ppm\n");
        File.WriteAllText(twice, "0/0000.ppm\n1/0001.ppm\n0/0000.ppm\n");

        using (var source = ImageSource.Open(list))
        {
            var report = await Pictures.Extractor().ExtractSetAsync(source, _pictures.Out("listed"));
            Assert.Equal((3, 2, 1, 1), (report.Files, report.Rows, report.Failures, report.Retryable));
            using var set = FeatureSet.Open(_pictures.Out("listed"));
            var row = await set.FindAsync("absent.ppm", TestContext.Current.CancellationToken);
            Assert.Equal((SkipReason.Unreadable, 0L), (row!.Reason, row.File!.Length));
        }
        using (var source = ImageSource.Open(twice))
        {
            var error = await Assert.ThrowsAsync<ImageListException>(() =>
                Pictures.Extractor().ExtractSetAsync(source, _pictures.Out("none")));
            Assert.Contains("'0/0000.ppm' twice", error.Message);
        }
        Assert.False(Directory.Exists(_pictures.Out("none")));
    }

    [Theory]
    [InlineData("a.jsonl", "a line has more than 67108864 characters")]
    [InlineData("a.csv", "a field has more than 1048576 characters")]
    public async Task A_line_that_does_not_end_is_an_error_before_it_fills_the_memory(string name, string says)
    {
        var path = _pictures.Out(name);
        using (var set = FeatureSet.Open(_pictures.Out("set")))
            await set.SaveAsync(path, TestContext.Current.CancellationToken);
        using (var file = File.AppendText(path))
        {
            for (var i = 0; i < 70; i++)
                file.Write(new string('1', 1_000_000));
        }

        var error = await Assert.ThrowsAsync<FeatureSetException>(async () =>
        {
            using var set = FeatureSet.Open(path);
            await foreach (var _ in set.ReadAsync(TestContext.Current.CancellationToken))
            {
            }
        });

        Assert.Equal(path, error.Path);
        Assert.Contains(says, error.Message);
    }

    [Fact]
    public void An_npz_that_states_more_numbers_than_it_holds_is_refused()
    {
        var path = _pictures.Out("a.npz");
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            using var features = zip.CreateEntry("features.npy").Open();
            var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2000000000), }".PadRight(117) + "\n";
            features.Write([0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. System.Text.Encoding.ASCII.GetBytes(header)]);
        }

        Assert.Contains("more numbers", Assert.Throws<FeatureSetException>(() => FeatureSet.Open(path)).Message);
    }

    private Task Check() => FeatureSet.CheckAsync(_pictures.Out("set"), cancellationToken: TestContext.Current.CancellationToken);

    private Func<Task>[] Uses() => [Check, () => FeatureSet.MergeAsync(_pictures.Out("set")), () => _pictures.ExtractAsync("set")];

    public ValueTask DisposeAsync()
    {
        _pictures.Dispose();
        return ValueTask.CompletedTask;
    }
}
