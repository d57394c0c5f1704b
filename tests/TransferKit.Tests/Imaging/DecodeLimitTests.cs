using TransferKit.Imaging.Jpeg;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Tests.Imaging;

public class DecodeLimitTests
{
    private static readonly string[] OneOfEach =
    [
        "images/rocket.jpg", "images/made_progressive_444.jpg", "images/made_cmyk.jpg", "images/chelsea.png", "images/made.webp",
        "images/made.bmp",
        "images/no_time_for_that_tiny.gif", "images/multipage.tif", "pictures/p6.ppm", "pictures/webp_frame_lossless.webp",
    ];

    public static TheoryData<string> Each => [.. OneOfEach];

    [Fact]
    public void Defaults_are_Pillows_and_uploads_get_less()
    {
        var options = new ImageDecodeOptions();
        Assert.Equal((178_956_970, Array.MaxLength, 100, null), (options.MaxPixels, options.MaxBytes, options.MaxScans, options.Timeout));
        var uploads = ImageDecodeOptions.ForUploads;
        Assert.Equal(
            (25_000_000, 64_000_000, 100, TimeSpan.FromSeconds(2)),
            (uploads.MaxPixels, uploads.MaxBytes, uploads.MaxScans, uploads.Timeout));
        Assert.Equal(uploads, ImageDecodeOptions.ForUploads with { });
        Assert.Equal(25_000_000, (uploads with { Draft = true }).MaxPixels);
    }

    [Theory, InlineData(0, 5), InlineData(5, 0)]
    public void A_picture_without_pixels_is_corrupt(long width, long height) => Assert.Equal(
        ImageDecodeError.Corrupt, Assert.Throws<ImageDecodeException>(() => ImageLimits.Check(width, height, "a.jpg", new())).Reason);

    [Fact]
    public void A_limit_that_allows_nothing_is_refused_by_its_name()
    {
        Assert.Contains("MaxPixels", Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDecodeOptions { MaxPixels = 0 }).Message);
        Assert.Contains("MaxBytes", Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDecodeOptions { MaxBytes = 0 }).Message);
        Assert.Contains("MaxScans", Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDecodeOptions { MaxScans = 0 }).Message);
        Assert.Contains(
            "Timeout", Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDecodeOptions { Timeout = TimeSpan.Zero }).Message);
    }

    [Theory]
    [MemberData(nameof(Each))]
    public void The_byte_limit_counts_for_files_streams_and_spans(string name)
    {
        var path = Goldens.Path(name);
        var bytes = File.ReadAllBytes(path);
        foreach (var (limit, isRefused) in new[] { (bytes.Length, false), (bytes.Length - 1, true) })
        {
            var options = new ImageDecodeOptions { MaxBytes = limit };
            var fitting = new ImageLoadOptions { Decode = options }.FittingTo(new(8, 8));
            Action[] ways =
            [
                () => RgbImage.Load(path, options), () => new SkiaImageDecoder().Decode(bytes, name, options),
                () => fitting.Load(path), () => fitting.Load(bytes, name), () => fitting.Load(new MemoryStream(bytes), default),
            ];
            foreach (var way in ways)
            {
                var error = Record.Exception(way);
                Assert.Equal(isRefused ? ImageDecodeError.TooLarge : null, (error as ImageDecodeException)?.Reason);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Each))]
    public void A_picture_that_takes_too_long_is_refused_as_such(string name)
    {
        var bytes = File.ReadAllBytes(Goldens.Path(name));
        var options = new ImageDecodeOptions { Timeout = TimeSpan.FromTicks(1) };
        var fitting = new ImageLoadOptions { Decode = options, Interpolation = Interpolation.Bilinear }.FittingTo(new(8, 8));

        Assert.Equal(
            ImageDecodeError.TimedOut,
            Assert.Throws<ImageDecodeException>(() => new SkiaImageDecoder().Decode(bytes, name, options)).Reason);
        Assert.Equal(ImageDecodeError.TimedOut, Assert.Throws<ImageDecodeException>(() => fitting.Load(bytes, name)).Reason);
    }

    [Theory]
    [MemberData(nameof(Each))]
    public void A_cancelled_decoding_stops(string name)
    {
        var bytes = File.ReadAllBytes(Goldens.Path(name));
        var fitting = new ImageLoadOptions().FittingTo(new(8, 8));
        Assert.ThrowsAny<OperationCanceledException>(() => new SkiaImageDecoder().Decode(bytes, name, new(), new CancellationToken(true)));
        Assert.ThrowsAny<OperationCanceledException>(() => fitting.Load(bytes, name, new CancellationToken(true)));
        Assert.ThrowsAny<OperationCanceledException>(
            () => RgbImage.Load(Goldens.Path(name), cancellationToken: new CancellationToken(true)));
    }

    [Theory]
    [InlineData("images/rocket.jpg")]
    [InlineData("images/made_progressive_444.jpg")]
    public unsafe void A_jpeg_is_cancelled_between_its_rows(string name)
    {
        using var stop = new CancellationTokenSource();
        fixed (byte* jpeg = File.ReadAllBytes(Goldens.Path(name)))
        {
            using var picture = JpegPicture.Open(jpeg, (int)new FileInfo(Goldens.Path(name)).Length, new())!;
            var rows = new CancellingRows(stop, new byte[picture.Width * 64 * 3]);
            var isCancelled = false;
            try
            {
                picture.TryRead(ref rows, DecodeWatch.For(stop.Token));
            }
            catch (OperationCanceledException)
            {
                isCancelled = true;
            }
            Assert.True(isCancelled);
            Assert.Equal(1, rows.Bands);
        }
    }

    [Fact]
    public void Pixels_in_memory_are_resized_no_further_once_cancelled()
    {
        var image = RgbImage.FromRgb24(4, 4, new byte[48]);
        Assert.ThrowsAny<OperationCanceledException>(
            () => image.Resize(2, 2, Interpolation.Box, DecodeWatch.For(new CancellationToken(true))));
    }

    [Fact]
    public void A_jpeg_of_too_many_scans_is_refused_by_either_decoder()
    {
        var jpeg = GoldenImage.Of("made_progressive_444.jpg").Bytes();
        var scans = Scans(jpeg);
        Assert.InRange(scans, 2, 99);
        foreach (var bytes in new[] { jpeg, Damaged(jpeg) })
        {
            var allowed = Record.Exception(() => new SkiaImageDecoder().Decode(bytes, null, new() { MaxScans = scans }));
            Assert.NotEqual(ImageDecodeError.TooLarge, (allowed as ImageDecodeException)?.Reason);
            var error = Assert.Throws<ImageDecodeException>(
                () => new SkiaImageDecoder().Decode(bytes, null, new() { MaxScans = scans - 1 }));
            Assert.Equal(ImageDecodeError.TooLarge, error.Reason);
            Assert.Contains("MaxScans", error.Message);
        }
    }

    private static int Scans(byte[] jpeg)
    {
        var count = 0;
        for (var i = 0; i + 1 < jpeg.Length; i++)
        {
            count += jpeg[i] == 0xFF && jpeg[i + 1] == 0xDA ? 1 : 0;
        }
        return count;
    }

    /// <summary>The last scan's data with a code of ones alone, which our own decoder leaves to Skia.</summary>
    private static byte[] Damaged(byte[] jpeg)
    {
        var damaged = jpeg.ToArray();
        damaged.AsSpan(jpeg.Length - 12, 10).Fill(0xFE);
        return damaged;
    }

    private struct CancellingRows(CancellationTokenSource stop, byte[] memory) : IPixelRows
    {
        public int Bands { get; private set; }

        public readonly Span<byte> Next(int bytes) => memory.AsSpan(0, bytes);

        public readonly bool Needs(int row) => true;

        public void Written()
        {
            Bands++;
            stop.Cancel();
        }
    }
}
