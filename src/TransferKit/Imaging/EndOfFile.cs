using System.Buffers.Binary;

namespace TransferKit.Imaging;

/// <summary>
/// Finds files that stop too early where Skia still gives a picture: a progressive JPEG, whose missing scans it does
/// not mind, and a WebP that lacks its last bytes. Pillow refuses both.
/// </summary>
internal static class EndOfFile
{
    public static bool IsMissing(ImageFormat format, ReadOnlySpan<byte> encoded) => format switch
    {
        ImageFormat.Jpeg => !HasEndMarker(encoded),
        ImageFormat.WebP => encoded.Length < 12 || BinaryPrimitives.ReadUInt32LittleEndian(encoded[4..]) + 8L > encoded.Length,
        _ => false,
    };

    private static bool HasEndMarker(ReadOnlySpan<byte> jpeg)
    {
        const byte prefix = 0xFF, endOfImage = 0xD9, temporary = 0x01, firstRestart = 0xD0, startOfImage = 0xD8;
        while (jpeg.IndexOf(prefix) is >= 0 and var at)
        {
            jpeg = jpeg[at..].TrimStart(prefix);
            if (jpeg.IsEmpty)
            {
                return false;
            }
            var marker = jpeg[0];
            jpeg = jpeg[1..];
            if (marker == endOfImage)
            {
                return true;
            }
            // A zero is an escaped 0xFF in compressed data; these others stand alone. The rest say how long they are.
            if (marker is 0 or temporary or (>= firstRestart and <= startOfImage))
            {
                continue;
            }
            if (jpeg.Length < 2)
            {
                return false;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(jpeg);
            if (length > jpeg.Length)
            {
                return false;
            }
            jpeg = jpeg[length..];
        }
        return false;
    }
}
