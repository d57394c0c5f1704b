using System.Collections.Concurrent;
using TransferKit.Analysis.Pictures;
using TransferKit.Imaging.Skia;

namespace TransferKit.Analysis.Maps;

/// <summary>
/// Draws small copies of pictures onto sheets. A browser decodes a few dozen sheets faster than thousands of pictures, and a sheet has the
/// tables of one JPEG.
/// </summary>
internal sealed class ThumbnailSheets
{
    private const int PixelsOfAll = 10_000 * 64 * 64;

    // Multiples of 16 keep the blocks of a JPEG from crossing the border of two pictures.
    private static readonly int[] Sides = [160, 128, 96, 64, 48];

    private readonly IReadOnlyList<string> _names;
    private readonly string _folder;

    public ThumbnailSheets(IReadOnlyList<string> names, string folder)
    {
        (_names, _folder) = (names, Path.GetFullPath(folder));
        Side = Sides.FirstOrDefault(side => (long)side * side * names.Count <= PixelsOfAll, Sides[^1]);
        Count = (names.Count + Columns * Columns - 1) / (Columns * Columns);
    }

    /// <summary>Gets the number of pictures in a row of a sheet. A full sheet has as many rows.</summary>
    public static int Columns => 16;

    /// <summary>Gets the width and height of a picture in pixels. It is less for many pictures.</summary>
    public int Side { get; }

    /// <summary>Gets the number of sheets.</summary>
    public int Count { get; }

    /// <summary>Gets the errors of the pictures that could not be read, by their row.</summary>
    public IReadOnlyDictionary<int, Exception> Errors => _errors;

    private readonly ConcurrentDictionary<int, Exception> _errors = [];

    /// <summary>Returns a sheet as a JPEG.</summary>
    public byte[] Draw(int sheet, CancellationToken cancellationToken)
    {
        var first = sheet * Columns * Columns;
        var count = Math.Min(Columns * Columns, _names.Count - first);
        var (width, height) = (Columns * Side, (count + Columns - 1) / Columns * Side);
        var pixels = new byte[width * height * 3];
        var fitting = new ImageLoadOptions
        {
            Interpolation = Interpolation.Bicubic,
            AspectRatio = AspectRatio.Crop,
            Decode = new() { Draft = true, ApplyExifOrientation = true },
        }.FittingTo(new(Side, Side));
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            try
            {
                var picture = fitting.LoadListed(PathOf(_names[first + i]), cancellationToken);
                Copy(picture, pixels.AsSpan((i / Columns * Side * Columns + i % Columns) * Side * 3));
            }
            catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
            {
                _errors[first + i] = e;
            }
        });
        return PictureEncoder.Jpeg(RgbImage.FromRgb24(width, height, pixels));
    }

    // The names may come from a stranger's feature set, and the page may be published.
    private string PathOf(string name)
    {
        var path = Path.GetFullPath(name, _folder);
        return PathNesting.IsWithin(_folder, path)
            ? path
            : throw new ImageDecodeException(
                ImageDecodeError.Unsupported, name, $"the name leads out of the folder '{_folder}', so the picture is left out.");
    }

    private void Copy(ReadOnlySpan<byte> rgb, Span<byte> place)
    {
        for (var y = 0; y < Side; y++)
            rgb.Slice(y * Side * 3, Side * 3).CopyTo(place[(y * Side * Columns * 3)..]);
    }
}
