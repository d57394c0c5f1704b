using System.Formats.Tar;
using System.IO.Compression;

namespace TransferKit.PublicApi.Tests;

/// <summary>Extracts pictures that lists, archives and streams name.</summary>
public sealed class ImageSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ImageSourceTests()
    {
        Directory.CreateDirectory(_folder.File("photos"));
        foreach (var grey in new byte[] { 10, 20, 30 })
            File.WriteAllBytes(_folder.File("photos", $"{grey}.ppm"), Picture(grey));
    }

    [Fact]
    public async Task A_list_names_files_beside_it_and_an_absent_one_is_a_row()
    {
        File.WriteAllText(_folder.File("list.txt"), "photos/30.ppm\r\nphotos/absent.ppm\n\nphotos/10.ppm");

        using var source = ImageSource.Open(_folder.File("list.txt"));

        Assert.Equal(["photos/10.ppm 10", "photos/30.ppm 30", "photos/absent.ppm Unreadable"], await Rows(source));
    }

    [Fact]
    public async Task Names_that_null_characters_end_may_hold_line_breaks()
    {
        File.Copy(_folder.File("photos", "10.ppm"), _folder.File("photos", "a\nb.ppm"));
        using var names = new StringReader("./photos/20.ppm\0./photos/a\nb.ppm\0");

        using var source = ImageSource.List(names, _folder.Path, "standard input", nullSeparated: true);

        Assert.Equal(["./photos/20.ppm 20", "./photos/a\nb.ppm 10"], await Rows(source));
    }

    [Fact]
    public async Task A_csv_names_files_in_the_column_path()
    {
        File.WriteAllText(_folder.File("list.csv"), "label,path\n\"a, b\",photos/10.ppm\nc,\"photos/20.ppm\"\n");

        using var source = ImageSource.Open(_folder.File("list.csv"));

        Assert.Equal(["photos/10.ppm 10", "photos/20.ppm 20"], await Rows(source));
        using var wrong = ImageSource.Csv(_folder.File("list.csv"), "file");
        Assert.Contains("no column 'file', only label, path", (await Assert.ThrowsAsync<ImageListException>(() => Rows(wrong))).Message);
    }

    [Theory, InlineData(".tar"), InlineData(".zip")]
    public async Task The_pictures_of_an_archive_are_rows_and_nothing_leads_outside(string extension)
    {
        var path = _folder.File("a" + extension);
        Pack(path, ("b/10.ppm", Picture(10)), ("../20.ppm", Picture(20)), ("/etc/x.txt", "text"u8.ToArray()), ("b/.hidden", Picture(1)));
        var before = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);

        using var source = ImageSource.Open(path);

        Assert.Equal(["../20.ppm 20", "/etc/x.txt NotAnImage", "b/10.ppm 10"], await Rows(source));
        Assert.Equal(before, Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Theory, InlineData(".tar"), InlineData(".zip")]
    public void An_archive_that_is_damaged_or_holds_a_name_twice_is_refused(string extension)
    {
        var path = _folder.File("a" + extension);
        File.WriteAllBytes(path, Enumerable.Repeat((byte)'x', 5000).ToArray());
        Assert.Equal(path, Assert.Throws<ImageListException>(() => ImageSource.Open(path)).Path);

        File.Delete(path);
        Pack(path, ("10.ppm", Picture(10)), ("10.ppm", Picture(20)));
        Assert.Contains("'10.ppm' twice", Assert.Throws<ImageListException>(() => ImageSource.Open(path)).Message);
    }

    [Fact]
    public async Task Streams_are_rows_in_the_order_of_their_names()
    {
        async IAsyncEnumerable<(string, Stream)> Pictures()
        {
            yield return ("z", new MemoryStream(Picture(7)));
            await Task.Yield();
            yield return ("a", new MemoryStream(Picture(8)));
            yield return ("m", new MemoryStream("no picture"u8.ToArray()));
        }

        using var source = await ImageSource.FromStreamsAsync(Pictures(), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(["a 8", "m NotAnImage", "z 7"], await Rows(source));
    }

    [Fact]
    public async Task A_list_that_names_a_file_twice_or_none_is_refused()
    {
        File.WriteAllText(_folder.File("twice.txt"), "a.jpg\nb.jpg\na.jpg\n");
        File.WriteAllText(_folder.File("none.txt"), "\n");
        using var twice = ImageSource.Open(_folder.File("twice.txt"));
        using var none = ImageSource.Open(_folder.File("none.txt"));

        Assert.Contains("'a.jpg' twice", (await Assert.ThrowsAsync<ImageListException>(() => Rows(twice))).Message);
        await Assert.ThrowsAsync<NoImagesException>(() => Rows(none));
        Assert.Throws<DirectoryNotFoundException>(() => ImageSource.Open(_folder.File("absent")));
    }

    [Theory]
    [InlineData(200L << 20, "bomb.ppm TooLarge")] // The entry states what it unpacks to.
    [InlineData(1000L, "bomb.ppm 20")] // It states less, and no more is unpacked. The picture ends before.
    public async Task A_zip_bomb_does_not_fill_the_memory(long stated, string row)
    {
        var path = _folder.File("a.zip");
        Pack(path, ("10.ppm", Picture(10)), ("bomb.ppm", [.. Picture(20), .. new byte[200 << 20]]));
        StateLength(path, "bomb.ppm", Picture(20).Length + (200 << 20), stated);

        using var source = ImageSource.Open(path);

        Assert.Equal(["10.ppm 10", row], await Rows(source));
    }

    [Theory]
    [InlineData("list.txt", "a name has more than 32768 characters")]
    [InlineData("list.csv", "a field has more than 1048576 characters")]
    [InlineData("commas.csv", "a line has more than")]
    public async Task A_list_that_is_no_list_ends_before_it_fills_the_memory(string name, string says)
    {
        var content = name == "commas.csv" ? "path\n" + new string(',', 5_000_000) : "path\n" + new string('x', 5_000_000);
        File.WriteAllText(_folder.File(name), content);
        using var source = ImageSource.Open(_folder.File(name));

        Assert.Contains(says, (await Assert.ThrowsAsync<ImageListException>(() => Rows(source))).Message);
    }

    // Both headers of the entry state its length: the local one before its bytes, and that of the directory.
    private static void StateLength(string path, string name, int length, long stated)
    {
        var bytes = File.ReadAllBytes(path);
        foreach (var (signature, at, nameAt) in new[] { (0x04034b50u, 22, 30), (0x02014b50u, 24, 46) })
        {
            for (var i = 0; i < bytes.Length - nameAt - name.Length; i++)
            {
                if (BitConverter.ToUInt32(bytes, i) == signature
                    && System.Text.Encoding.ASCII.GetString(bytes, i + nameAt, name.Length) == name
                    && BitConverter.ToUInt32(bytes, i + at) == (uint)length)
                {
                    BitConverter.GetBytes((uint)stated).CopyTo(bytes, i + at);
                }
            }
        }
        File.WriteAllBytes(path, bytes);
    }

    [Fact]
    public async Task Details_of_files_are_learned_on_request()
    {
        using var source = ImageSource.Folder(_folder.File("photos"));
        var extractor = new FeatureExtractor(new MeanColour(), new() { FileDetails = true });

        await foreach (var row in extractor.ExtractAsync(source, cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Equal((203L, new ImageSize(8, 8)), (row.File!.Length, row.File.Size!.Value));
            Assert.Equal(64, row.File.Sha256!.Length);
        }
        Assert.All(new FeatureExtractor(new MeanColour()).Extract(_folder.File("photos")).Values, row => Assert.Null(row.File));
    }

    [Theory]
    [InlineData("rocket.jpg", 427, 640), InlineData("chelsea.png", 300, 451)]
    public async Task The_size_of_a_picture_is_that_of_its_file_however_it_is_decoded(string name, int height, int width)
    {
        _folder.Add(name, "sized/" + name);
        var images = new ImageLoadOptions { Interpolation = Interpolation.Bicubic, Decode = new() { Draft = true } };
        var extractor = new FeatureExtractor(new MeanColour(), new() { FileDetails = true, Images = images });

        await foreach (var row in extractor.ExtractAsync(_folder.File("sized"), cancellationToken: TestContext.Current.CancellationToken))
            Assert.Equal(new ImageSize(height, width), row.File!.Size);
    }

    private static byte[] Picture(byte grey) => [.. "P6 8 8 255\n"u8, .. Enumerable.Repeat(grey, 192)];

    private static void Pack(string path, params (string Name, byte[] Content)[] files)
    {
        using var file = File.Create(path);
        if (path.EndsWith(".zip", StringComparison.Ordinal))
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Create);
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
            return;
        }
        using var tar = new TarWriter(file);
        foreach (var (name, content) in files)
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
    }

    private static async Task<List<string>> Rows(ImageSource source)
    {
        var rows = new List<string>();
        await foreach (var row in new FeatureExtractor(new MeanColour()).ExtractAsync(source))
            rows.Add($"{row.Path} {(row.IsSkipped ? row.Reason.ToString() : row.Features.Span[0].ToString())}");
        return rows;
    }

    public void Dispose() => _folder.Dispose();
}
