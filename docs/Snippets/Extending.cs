// The C# of docs/extending and docs/features.md.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace TransferKit.Snippets;

internal sealed class CsvSink(string path) : FeatureSink(path, ".csv")
{
    protected override ValueTask WriteRowAsync(Stream stream, FeatureRow row, CancellationToken cancellationToken)
    {
        var line = new StringBuilder($"\"{row.Path.Replace("\"", "\"\"")}\"");
        foreach (var number in row.Features.Span)
            line.Append(CultureInfo.InvariantCulture, $",{number:R}");
        stream.Write(Encoding.UTF8.GetBytes($"{line}\n"));
        return ValueTask.CompletedTask;
    }
}

internal sealed class FarbfeldDecoder : IImageDecoder
{
    public bool CanDecode(ReadOnlySpan<byte> header) => header.StartsWith("farbfeld"u8);

    public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options)
    {
        if (encoded.Length < 16)
            throw new ImageDecodeException(ImageDecodeError.Truncated, name, "the header is cut off.");
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(encoded[8..]), BinaryPrimitives.ReadInt32BigEndian(encoded[12..]));
        if ((long)width * height > options.MaxPixels)
            throw new ImageDecodeException(ImageDecodeError.TooLarge, name, $"{width} x {height} pixels are more than MaxPixels allows.");
        if (width < 1 || height < 1 || encoded.Length != 16 + 8L * width * height)
            throw new ImageDecodeException(ImageDecodeError.Corrupt, name, $"the length does not fit {width} x {height} pixels.");
        var rgb = new byte[3 * width * height];
        for (var i = 0; i < rgb.Length; i++)
            rgb[i] = encoded[16 + 8 * (i / 3) + 2 * (i % 3)];           // the upper byte of 16 bits; every fourth value is alpha
        return RgbImage.FromRgb24(width, height, rgb);
    }
}

internal sealed class WithFarbfeld : IImageDecoder
{
    private readonly SkiaImageDecoder _usual = new();
    private readonly FarbfeldDecoder _farbfeld = new();

    public bool CanDecode(ReadOnlySpan<byte> header) => _farbfeld.CanDecode(header) || _usual.CanDecode(header);

    public ImageDecodeException Declined(ReadOnlySpan<byte> header, string? name) => _usual.Declined(header, name);

    public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options) =>
        Of(encoded).Decode(encoded, name, options);

    public RgbImage Decode(ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, CancellationToken cancellationToken) =>
        Of(encoded).Decode(encoded, name, options, cancellationToken);

    public void Decode(
        ReadOnlySpan<byte> encoded, string? name, ImageDecodeOptions options, ImageSize size, Interpolation filter, Span<byte> target,
        CancellationToken cancellationToken) =>
        Of(encoded).Decode(encoded, name, options, size, filter, target, cancellationToken);

    private IImageDecoder Of(ReadOnlySpan<byte> encoded) => _farbfeld.CanDecode(encoded) ? _farbfeld : _usual;
}

internal static class Extending
{
    public static async Task Sink(IBackbone backbone, CancellationToken cancellationToken)
    {
        var extractor = new FeatureExtractor(backbone);
        await using var sink = new CsvSink("features.csv");
        ExtractionReport report = await extractor.ExtractAsync("photos", sink, cancellationToken: cancellationToken);
        Console.WriteLine($"{report.Written} written, {report.Skipped.Count} skipped");
    }

    public static void InMemory(FeatureExtractor extractor)
    {
        IReadOnlyDictionary<string, FeatureRow> rows = extractor.Extract("photos");
        Console.WriteLine(rows["cat.jpg"].Features.Length);          // 2048
    }

    public static void Decoder()
    {
        using IBackbone backbone = Backbone.Load("resnet50", new() { Images = new() { Decoder = new WithFarbfeld() } });
        FeatureTensor features = backbone.Predict("photo.ff");
        Console.WriteLine(features);
    }
}
