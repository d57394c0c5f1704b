using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace TransferKit.PublicApi.Tests;

public class FeatureExtractorTests
{
    [Fact]
    public async Task Every_file_is_a_row_or_is_reported_and_hidden_files_are_neither()
    {
        using var folder = MixedFolder();
        var seen = new List<ExtractionProgress>();
        var rows = new List<FeatureRow>();

        await foreach (var row in new FeatureExtractor(SharedBackbone.MobileNet, new() { BatchSize = 2 })
            .ExtractAsync(folder.Path, new Sync(seen.Add), TestContext.Current.CancellationToken))
        {
            rows.Add(row);
        }

        Assert.Equal(["a.jpg", "b.png", "broken.jpg", "cat named.txt", "empty.jpg", "notes.jpg"], rows.Select(r => r.Path));
        Assert.Equal(["broken.jpg", "empty.jpg", "notes.jpg"], rows.Where(r => r.IsSkipped).Select(r => r.Path));
        Assert.All(rows.Where(r => r.IsSkipped), r => Assert.Contains(r.Path, r.Error!.Message));
        Assert.Equal(SharedBackbone.MobileNet.Predict(folder.File("a.jpg")).ToArray(), rows[0].Features.ToArray(), Near);
        Assert.Equal((6, 3, 3), (seen[^1].Total, seen[^1].Written, seen[^1].Skipped));
    }

    [Fact]
    public void Folders_below_count_when_recursive()
    {
        using var folder = MixedFolder();

        var rows = new FeatureExtractor(SharedBackbone.MobileNet, new() { Recursive = true }).Extract(folder.Path);

        Assert.Equal(["a.jpg", "b.png", "broken.jpg", "cat named.txt", "empty.jpg", "notes.jpg", "z/deep/c.jpg"], rows.Keys);
        Assert.False(rows["z/deep/c.jpg"].IsSkipped);
    }

    [Fact]
    public void Stop_stops_at_the_first_bad_file_and_leaves_no_output()
    {
        using var folder = MixedFolder();
        using var target = new TemporaryFolder();
        var extractor = new FeatureExtractor(SharedBackbone.MobileNet, new() { OnError = OnError.Stop });

        var error = Assert.Throws<ImageDecodeException>(() => extractor.Extract(folder.Path, target.File("f.npz")));

        Assert.Contains("broken.jpg", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(target.Path));
    }

    [Fact]
    public void The_npz_holds_names_and_features_in_numpys_format()
    {
        using var folder = MixedFolder();
        using var target = new TemporaryFolder();
        File.WriteAllText(target.File("f.npz"), "an older file");

        var report = new FeatureExtractor(SharedBackbone.MobileNet).Extract(folder.Path, target.File("f.npz"));

        Assert.Equal((3, 3), (report.Written, report.Skipped.Count));
        Assert.Equal(["f.npz"], Directory.GetFiles(target.Path).Select(Path.GetFileName));
        using var zip = ZipFile.OpenRead(target.File("f.npz"));
        var (header, data) = Npy(zip.GetEntry("features.npy")!);
        Assert.Contains("'descr': '<f4', 'fortran_order': False, 'shape': (3, 1280)", header);
        Assert.Equal(
            SharedBackbone.MobileNet.Predict(folder.File("b.png")).ToArray(), MemoryMarshal.Cast<byte, float>(data)[1280..2560].ToArray(),
            Near);
        (header, data) = Npy(zip.GetEntry("names.npy")!);
        Assert.Contains("'descr': '<U13', 'fortran_order': False, 'shape': (3,)", header);
        Assert.Equal(["a.jpg", "b.png", "cat named.txt"], data.Chunk(13 * 4).Select(c => Encoding.UTF32.GetString(c).TrimEnd('\0')));
    }

    [Fact]
    public async Task A_second_extraction_into_its_own_folder_leaves_the_first_ones_file_out()
    {
        using var folder = new TemporaryFolder();
        folder.Add("rocket.jpg", Path.Combine("below", "a.jpg"));
        var extractor = new FeatureExtractor(new MeanColour(), new() { Recursive = true });
        var target = Path.GetRelativePath(Environment.CurrentDirectory, folder.File("below", "f.npz"));

        var first = extractor.Extract(folder.Path, target);
        var second = extractor.Extract(folder.Path, target);
        await using var sink = new NpzSink(target);
        var third = await extractor.ExtractAsync(folder.Path, sink, cancellationToken: TestContext.Current.CancellationToken);

        Assert.All([first, second, third], report => Assert.Equal((1, 0), (report.Written, report.Skipped.Count)));
        Assert.Equal(["below/a.jpg", "below/f.npz"], extractor.Extract(folder.Path).Keys);
    }

    [Fact]
    public void Without_a_single_image_the_npz_still_tells_the_shape_of_a_row()
    {
        using var folder = new TemporaryFolder();
        folder.Add("made_not_an_image.jpg");

        new FeatureExtractor(new MeanColour()).Extract(folder.Path, folder.File("f.npz"));

        using var zip = ZipFile.OpenRead(folder.File("f.npz"));
        Assert.Contains("'shape': (0, 3)", Npy(zip.GetEntry("features.npy")!).Header);
        Assert.Contains("'shape': (0,)", Npy(zip.GetEntry("names.npy")!).Header);
    }

    [Fact]
    public async Task Rows_of_two_shapes_do_not_go_into_one_npz()
    {
        using var folder = new TemporaryFolder();
        await using var sink = new NpzSink(folder.File("f.npz"));
        sink.Begin([3]);

        var error = await Assert.ThrowsAsync<ArgumentException>(
            async () => await sink.WriteAsync(FeatureRow.Of("a.jpg", new float[4], [2, 2])));
        Assert.Contains("(2, 2)", error.Message);
        Assert.Throws<ArgumentException>(() => sink.Begin([4]));
    }

    [Fact]
    public async Task Cancelling_leaves_no_output()
    {
        using var folder = MixedFolder();
        using var target = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var extractor = new FeatureExtractor(SharedBackbone.MobileNet, new() { BatchSize = 1 });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await using var sink = new NpzSink(target.File("f.npz"));
            await extractor.ExtractAsync(folder.Path, sink, new Sync(_ => cancel.Cancel()), cancel.Token);
        });

        Assert.Empty(Directory.GetFileSystemEntries(target.Path));
    }

    [Fact]
    public void Absent_and_empty_folders_are_told_apart()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(".hidden"), "");
        var extractor = new FeatureExtractor(SharedBackbone.MobileNet);

        Assert.Throws<DirectoryNotFoundException>(() => extractor.Extract(folder.File("absent")));
        Assert.Equal(folder.Path, Assert.Throws<NoImagesException>(() => extractor.Extract(folder.Path)).Folder);
    }

    [Fact]
    public void An_output_that_cannot_be_written_is_told_before_any_work()
    {
        using var folder = MixedFolder();

        var error = Assert.Throws<OutputFileException>(
            () => new FeatureExtractor(SharedBackbone.MobileNet).Extract(folder.Path, folder.File("absent", "f.npz")));

        Assert.Contains("absent", error.Message);
        Assert.Throws<OutputFileException>(() => new NpzSink(folder.Path));
    }

    private static TemporaryFolder MixedFolder()
    {
        var folder = new TemporaryFolder();
        folder.Add("rocket.jpg", "a.jpg");
        folder.Add("chelsea.png", "b.png");
        folder.Add("made_cut_in_half.jpg", "broken.jpg");
        folder.Add("coffee.png", "cat named.txt");
        folder.Add("made_empty.jpg", "empty.jpg");
        folder.Add("made_not_an_image.jpg", "notes.jpg");
        folder.Add("rocket.jpg", Path.Combine("z", "deep", "c.jpg"));
        folder.Add("rocket.jpg", Path.Combine("z", ".git", "d.jpg"));
        File.WriteAllText(folder.File(".DS_Store"), "hidden");
        return folder;
    }

    private static bool Near(float a, float b) => Math.Abs(a - b) <= 1e-4f;

    private static (string Header, byte[] Data) Npy(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        var bytes = memory.ToArray();
        Assert.Equal([0x93, .. "NUMPY"u8, 1, 0], bytes[..8]);
        var length = bytes[8] | bytes[9] << 8;
        Assert.Equal(0, (10 + length) % 64);
        return (Encoding.ASCII.GetString(bytes, 10, length), bytes[(10 + length)..]);
    }

    private sealed class Sync(Action<ExtractionProgress> report) : IProgress<ExtractionProgress>
    {
        public void Report(ExtractionProgress value) => report(value);
    }
}
