using System.Buffers.Binary;

namespace TransferKit.ImageSharp;

/// <summary>Represents what a JPEG's markers say without decoding it.</summary>
/// <param name="Scans">The number of scans.</param>
/// <param name="HasEnd">Whether the picture's end marker follows its scans. A thumbnail's end inside a segment does not count.</param>
internal readonly record struct JpegStructure(int Scans, bool HasEnd)
{
    private const byte Escape = 0xff, EndOfImage = 0xd9, StartOfScan = 0xda;

    public static JpegStructure Of(ReadOnlySpan<byte> jpeg)
    {
        var scans = 0;
        for (var rest = jpeg[2..]; NextMarker(ref rest) is { } marker;)
        {
            if (marker == EndOfImage)
                return new(scans, HasEnd: true);
            if (rest.Length < 2)
                break;
            scans += marker == StartOfScan ? 1 : 0;
            // A segment's length counts its own two bytes. The scan's numbers follow its segment and hold no unescaped marker.
            rest = rest[Math.Min(Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(rest)), rest.Length)..];
        }
        return new(scans, HasEnd: false);
    }

    // Zero stands for an escaped 255 of the scan's numbers, and D0 to D7 are restarts within a scan.
    private static byte? NextMarker(ref ReadOnlySpan<byte> rest)
    {
        for (int at; (at = rest.IndexOf(Escape)) >= 0 && at + 1 < rest.Length;)
        {
            var marker = rest[at + 1];
            var isPadding = marker == Escape;
            rest = rest[(at + (isPadding ? 1 : 2))..];
            if (!isPadding && marker is not 0 and not (>= 0xd0 and <= 0xd7))
                return marker;
        }
        return null;
    }
}
