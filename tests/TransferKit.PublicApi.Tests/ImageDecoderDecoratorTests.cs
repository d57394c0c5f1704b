namespace TransferKit.PublicApi.Tests;

/// <summary>Tests which capabilities a decorator preserves, and which a decoder of one method gets by default.</summary>
public sealed class ImageDecoderDecoratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("rocket.jpg")]
    [InlineData("chelsea.png")]
    [InlineData("made.webp")]
    [InlineData("multipage.tif")]
    public void A_decorator_of_three_lines_keeps_every_way_of_the_decoder_within(string name)
    {
        var file = _folder.Add(name, name);
        foreach (var isDraft in new[] { false, true })
        {
            var counting = new Counting(new SkiaImageDecoder());
            var options = new ImageLoadOptions { Interpolation = Interpolation.Bicubic, Decode = new() { Draft = isDraft } };
            var expected = new MeanColour().Predict(file, options).ToArray();

            var actual = new MeanColour().Predict(
                file, new() { Interpolation = Interpolation.Bicubic, Decode = options.Decode, Decoder = counting });

            Assert.Equal(expected, actual.ToArray());
            Assert.Equal((1, 0), (counting.Sized, counting.Whole));
        }
        Assert.Equal(name == "rocket.jpg", !Pixels(name, isDraft: true).SequenceEqual(Pixels(name, isDraft: false)));
    }

    [Fact]
    public void A_decoder_of_one_method_is_resized_as_the_default_one_and_sees_the_token()
    {
        var file = _folder.Add("rocket.jpg", "rocket.jpg");
        var simple = new Simple();
        var images = new ImageLoadOptions { Interpolation = Interpolation.Lanczos, Decoder = simple };

        Assert.Equal(
            new MeanColour().Predict(file, new() { Interpolation = Interpolation.Lanczos }).ToArray(),
            new MeanColour().Predict(file, images).ToArray());
        Assert.ThrowsAny<OperationCanceledException>(() => new MeanColour().Predict(file, images, new CancellationToken(true)));
        Assert.Equal(1, simple.Calls);
    }

    [Fact]
    public void What_somebody_elses_decoder_declines_is_not_told_of_formats_that_it_does_not_read()
    {
        File.WriteAllText(_folder.File("a.txt"), "text");
        var own = Assert.Throws<ImageDecodeException>(() => RgbImage.Load(_folder.File("a.txt")));
        var foreign = Assert.Throws<ImageDecodeException>(() => RgbImage.Load(_folder.File("a.txt"), decoder: new Simple()));
        var decorated = Assert.Throws<ImageDecodeException>(
            () => RgbImage.Load(_folder.File("a.txt"), decoder: new Counting(new SkiaImageDecoder())));

        Assert.Contains("JPEG, PNG", own.Message);
        Assert.DoesNotContain("PNG", foreign.Message);
        Assert.Contains(nameof(Simple), foreign.Message);
        Assert.Equal(own.Message, decorated.Message);
        Assert.Equal(ImageDecodeError.NotAnImage, foreign.Reason);
    }

    [Fact]
    public void A_target_of_another_size_is_refused()
    {
        var bytes = File.ReadAllBytes(_folder.Add("rocket.jpg", "rocket.jpg"));
        IImageDecoder[] decoders = [new SkiaImageDecoder(), new Simple()];
        foreach (var decoder in decoders)
        {
            Assert.Throws<ArgumentException>(() => decoder.Decode(bytes, null, new(), new() { Size = (8, 8) }, new byte[191], default));
            Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Decode(bytes, null, new(), new() { Size = (0, 8) }, [], default));
            Assert.Throws<ArgumentException>(() => decoder.Decode(
                bytes, null, new(), new() { Size = (8, 8), Interpolation = Interpolation.Area }, new byte[192], default));
        }
    }

    [Fact]
    public void Extraction_stops_while_a_picture_is_decoded()
    {
        _folder.Add("rocket.jpg", "a.jpg");
        using var stop = new CancellationTokenSource();
        var seen = CancellationToken.None;
        var waiting = new Waiting(token =>
        {
            seen = token;
            stop.Cancel();
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => new FeatureExtractor(
            new MeanColour(), new() { Images = new() { Decoder = waiting } })
            .Extract(_folder.Path, cancellationToken: stop.Token));
        Assert.True(seen.IsCancellationRequested);
    }

    public void Dispose() => _folder.Dispose();

    private byte[] Pixels(string name, bool isDraft)
    {
        var pixels = new byte[40 * 40 * 3];
        var bytes = File.ReadAllBytes(_folder.File(name));
        new SkiaImageDecoder().Decode(
            bytes, null, new() { Draft = isDraft }, new() { Size = (40, 40), Interpolation = Interpolation.Box }, pixels, default);
        return pixels;
    }

    private sealed class Counting(IImageDecoder inner) : IImageDecoder
    {
        public int Whole { get; private set; }

        public int Sized { get; private set; }

        public bool CanDecode(ReadOnlySpan<byte> header) => inner.CanDecode(header);

        public ImageDecodeException Declined(ReadOnlySpan<byte> header, string? name) => inner.Declined(header, name);

        public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
        {
            Whole++;
            return inner.Decode(encoded, name, options);
        }

        public void Decode(
            ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageResize resize, Span<byte> target,
            CancellationToken cancellationToken)
        {
            Sized++;
            inner.Decode(encoded, name, options, resize, target, cancellationToken);
        }
    }

    private sealed class Simple : IImageDecoder
    {
        public int Calls { get; private set; }

        public bool CanDecode(ReadOnlySpan<byte> header) => header[0] == 0xFF;

        public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
        {
            Calls++;
            return new SkiaImageDecoder().Decode(encoded, name, options);
        }
    }

    private sealed class Waiting(Action<CancellationToken> decode) : IImageDecoder
    {
        public bool CanDecode(ReadOnlySpan<byte> header) => true;

        public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options) => throw new NotSupportedException();

        public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, CancellationToken cancellationToken)
        {
            decode(cancellationToken);
            return RgbImage.FromRgb24(8, 8, new byte[192]);
        }
    }
}
