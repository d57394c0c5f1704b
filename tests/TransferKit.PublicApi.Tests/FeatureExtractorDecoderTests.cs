namespace TransferKit.PublicApi.Tests;

/// <summary>Tests the calls of a decoder by extraction, and its failures.</summary>
public sealed class FeatureExtractorDecoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Only_the_beginning_is_read_of_a_file_that_is_no_image()
    {
        using (var film = File.Create(_folder.File("film.mp4")))
        {
            film.Write("    ftypisom"u8);
            // A sparse file takes no space on the disk, but would in memory.
            film.SetLength(1L << 28);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<ImageDecodeException>(() => RgbImage.Load(_folder.File("film.mp4")));

        Assert.Equal(ImageDecodeError.NotAnImage, error.Reason);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 20);
    }

    [Fact]
    public void A_file_too_large_for_memory_is_skipped_for_what_it_is()
    {
        using (var film = File.Create(_folder.File("film.mp4")))
            film.SetLength(1L << 32);

        var row = Extract(new SkiaImageDecoder())["film.mp4"];

        Assert.Equal(ImageDecodeError.NotAnImage, Assert.IsType<ImageDecodeException>(row.Error).Reason);
    }

    [Fact]
    public void A_decoder_is_given_the_whole_file_and_only_what_it_takes()
    {
        var bytes = File.ReadAllBytes(_folder.Add("rocket.jpg", "a.jpg"));
        File.WriteAllText(_folder.File("b.txt"), "text");
        File.WriteAllText(_folder.File("empty"), "");
        var decoder = new Decoder(header => header[0] == 0xFF, encoded =>
        {
            Assert.Equal(bytes, encoded);
            return RgbImage.FromRgb24(8, 8, new byte[192]);
        });

        var rows = Extract(decoder);

        Assert.False(rows["a.jpg"].IsSkipped);
        Assert.Equal(ImageDecodeError.NotAnImage, Assert.IsType<ImageDecodeException>(rows["b.txt"].Error).Reason);
        Assert.Throws<ImageDecodeException>(() => RgbImage.Load(_folder.File("empty"), decoder: decoder));
    }

    [Fact]
    public void Whatever_a_decoder_throws_is_the_files_error()
    {
        _folder.Add("rocket.jpg", "a.jpg");
        var thrown = new FormatException("no such colour");

        var error = Assert.IsType<ImageDecodeException>(Extract(new Decoder(_ => true, _ => throw thrown))["a.jpg"].Error);

        Assert.Equal((ImageDecodeError.Corrupt, _folder.File("a.jpg"), thrown), (error.Reason, error.ImageName, error.InnerException));
        Assert.Contains("no such colour", error.Message);
        Assert.Same(thrown, Extract(new Decoder(_ => throw thrown, _ => null!))["a.jpg"].Error!.InnerException);
    }

    [Fact]
    public void A_decoder_that_cancels_or_runs_out_of_memory_is_not_a_broken_file()
    {
        _folder.Add("rocket.jpg", "a.jpg");

        Assert.ThrowsAny<OperationCanceledException>(() => Extract(new Decoder(_ => true, _ => throw new OperationCanceledException())));
        Assert.ThrowsAny<OutOfMemoryException>(() => Extract(new Decoder(_ => true, _ => throw new InsufficientMemoryException())));
    }

    private IReadOnlyDictionary<string, FeatureRow> Extract(IImageDecoder decoder) =>
        new FeatureExtractor(new MeanColour(), new() { Images = new() { Decoder = decoder } }).Extract(_folder.Path);

    public void Dispose() => _folder.Dispose();

    private sealed class Decoder(Func<byte[], bool> takes, Func<byte[], RgbImage> decode) : IImageDecoder
    {
        public bool CanDecode(ReadOnlySpan<byte> header) => takes(header.ToArray());

        public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options) => decode(encoded.ToArray());
    }
}
