using System.Buffers.Binary;
using TransferKit.Imaging.Jpeg;

namespace TransferKit.Imaging.Skia;

/// <summary>
/// Checks a JPEG's markers before Skia decodes it. Skia stops at the last row and fills missing data with grey. Pillow reads on to the end
/// marker and refuses a file with a wrong marker before it.
/// </summary>
internal static class JpegMarkers
{
    /// <summary>The size above which a header's claim is checked against the length of the file.</summary>
    private const long LargePixels = 1 << 24;

    /// <summary>
    /// Returns whether a file is long enough for the size in its header, if that is large. A block has at least one bit; libjpeg would
    /// allocate memory for all blocks and fill missing ones with grey.
    /// </summary>
    public static bool MayHold(int width, int height, int fileBytes) =>
        (long)width * height < LargePixels || (long)width * height / 64 <= fileBytes * 8L;

    /// <param name="jpeg">Content of the file.</param>
    /// <param name="name">Name of the picture for errors.</param>
    /// <param name="options">The number of scans that are allowed, and whether decoding is strict.</param>
    /// <param name="isDamaged">Whether the data between the markers are known to be damaged.</param>
    /// <exception cref="ImageDecodeException">
    /// The end marker is missing, a marker is wrong, the file has too many scans, or damage meets <see cref="ImageDecodeOptions.Strict"/>.
    /// </exception>
    public static void Check(ReadOnlySpan<byte> jpeg, string? name, ImageDecodeOptions options, bool isDamaged)
    {
        Check(jpeg, name, options);
        if (isDamaged && options.Strict)
        {
            throw ImageDecodeException.Corrupt(
                name, "the JPEG's data break off or are no valid codes, and ImageDecodeOptions.Strict is set");
        }
    }

    private static void Check(ReadOnlySpan<byte> jpeg, string? name, ImageDecodeOptions options)
    {
        var (scans, components, hasRestarts) = (0, 0, false);
        while (TryNext(ref jpeg, out var marker))
        {
            if (marker == JpegMarker.EndOfImage)
            {
                return;
            }
            if (StandsAlone(marker))
            {
                continue;
            }
            if (marker == JpegMarker.StartOfScan && ++scans > options.MaxScans)
            {
                throw new ImageDecodeException(
                    ImageDecodeError.TooLarge, name,
                    $"the JPEG has more than the {options.MaxScans} scans that are allowed. "
                    + $"Save it anew, or raise {nameof(ImageDecodeOptions)}.{nameof(ImageDecodeOptions.MaxScans)} if you trust it.");
            }
            if (!TryTakeSegment(ref jpeg, out var segment))
            {
                break;
            }
            switch (marker)
            {
                case JpegMarker.BaselineFrame or JpegMarker.ExtendedFrame when segment.Length > 5:
                    components = segment[5];
                    break;
                case JpegMarker.RestartInterval:
                    hasRestarts = segment.ContainsAnyExcept((byte)0);
                    break;
                case JpegMarker.StartOfScan when components > 0 && segment.Length > 0 && segment[0] == components:
                    CheckAfterOnlyScan(jpeg, hasRestarts, name);
                    return;
            }
        }
        throw ImageDecodeException.CutOff(name);
    }

    /// <summary>Checks the data after the header of a scan with all components, by the rules of libjpeg's <c>read_markers</c>.</summary>
    private static void CheckAfterOnlyScan(ReadOnlySpan<byte> data, bool hasRestarts, string? name)
    {
        var lastRestart = hasRestarts ? LastRestart(data) : -1;
        var (whole, isInScan) = (data.Length, true);
        while (TryNext(ref data, out var marker))
        {
            if (marker == JpegMarker.EndOfImage)
            {
                return;
            }
            // At a restart, libjpeg searches for the expected marker and skips markers that the standard does not define.
            if (isInScan && whole - data.Length <= lastRestart && marker < JpegMarker.BaselineFrame)
            {
                continue;
            }
            isInScan &= IsRestart(marker);
            if (marker is 0 or JpegMarker.Temporary || IsRestart(marker))
            {
                continue;
            }
            var isWhole = TryTakeSegment(ref data, out var segment);
            if (!IsRight(marker, isWhole ? segment : data[Math.Min(data.Length, 2)..], isWhole))
            {
                throw ImageDecodeException.Corrupt(name, $"the marker {marker:X2} within the JPEG's data is wrong");
            }
            if (!isWhole)
            {
                // The marker has ended the scan and all rows are decoded, so libjpeg reads nothing more.
                return;
            }
        }
        throw ImageDecodeException.CutOff(name);
    }

    /// <summary>
    /// Returns whether libjpeg accepts a marker and its segment after the only scan. It waits for the rest of a segment that goes past the
    /// end of the file, unless what is there is already wrong.
    /// </summary>
    private static bool IsRight(byte marker, ReadOnlySpan<byte> segment, bool isWhole)
    {
        switch (marker)
        {
            case JpegMarker.RestartInterval:
                return isWhole && segment.Length == 2;
            case JpegMarker.QuantisationTables:
                while (segment.Length > 0 && (segment[0] & 15) < 4)
                {
                    var length = segment[0] >> 4 == 0 ? 65 : 129;
                    if (length > segment.Length)
                    {
                        return !isWhole;
                    }
                    segment = segment[length..];
                }
                return segment.IsEmpty;
            case JpegMarker.HuffmanTables:
                while (segment.Length > 16)
                {
                    var symbols = 0;
                    foreach (var count in segment.Slice(1, 16))
                    {
                        symbols += count;
                    }
                    if (symbols > 256 || symbols > segment.Length - 17)
                    {
                        return symbols <= 256 && !isWhole;
                    }
                    if ((segment[0] & ~0x10) >= 4)
                    {
                        return false;
                    }
                    segment = segment[(17 + symbols)..];
                }
                return segment.IsEmpty || !isWhole;
            default:
                return IsPassedOver(marker);
        }
    }

    /// <summary>Returns whether libjpeg skips a segment without reading its content.</summary>
    private static bool IsPassedOver(byte marker) =>
        marker is JpegMarker.ArithmeticConditions or JpegMarker.NumberOfLines or JpegMarker.Comment
            or (>= JpegMarker.Application0 and <= JpegMarker.Application15);

    private static bool StandsAlone(byte marker) => marker is 0 or JpegMarker.Temporary or JpegMarker.StartOfImage || IsRestart(marker);

    private static bool IsRestart(byte marker) => marker is >= JpegMarker.FirstRestart and < JpegMarker.StartOfImage;

    private static int LastRestart(ReadOnlySpan<byte> data)
    {
        var at = data.Length - 2;
        while (at >= 0 && (data[at] != JpegMarker.Prefix || !IsRestart(data[at + 1])))
        {
            at--;
        }
        return at;
    }

    /// <summary>Finds the next marker. A zero is not a marker but an escaped 0xFF in compressed data.</summary>
    private static bool TryNext(ref ReadOnlySpan<byte> jpeg, out byte marker)
    {
        marker = 0;
        var at = jpeg.IndexOf(JpegMarker.Prefix);
        jpeg = at < 0 ? [] : jpeg[at..].TrimStart(JpegMarker.Prefix);
        if (jpeg.IsEmpty)
        {
            return false;
        }
        marker = jpeg[0];
        jpeg = jpeg[1..];
        return true;
    }

    private static bool TryTakeSegment(ref ReadOnlySpan<byte> jpeg, out ReadOnlySpan<byte> segment)
    {
        segment = [];
        if (!BinaryPrimitives.TryReadUInt16BigEndian(jpeg, out var length) || length > jpeg.Length)
        {
            return false;
        }
        segment = length < 2 ? [] : jpeg[2..length];
        jpeg = jpeg[Math.Max((int)length, 2)..];
        return true;
    }
}
