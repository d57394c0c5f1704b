using System.Buffers.Binary;
using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Resizing;

namespace TransferKit.Imaging.Skia;

/// <summary>
/// Extracts the first frame of an animated WebP as a WebP of its own. Skia would allocate memory for the whole canvas, and a few bytes can
/// claim one of 16 million pixels in a row.
/// </summary>
internal static class WebPFrame
{
    private const int RiffBytes = 12;
    private const int ChunkBytes = 8;
    private const int FrameBytes = 16;
    private const byte AlphaFlag = 0x10;
    private const byte AnimationFlag = 0x02;

    /// <summary>Finds the picture to decode.</summary>
    /// <param name="webp">Content of a file with a WebP signature.</param>
    /// <param name="name">Name of the picture for errors.</param>
    /// <param name="options">Limits of the decoding.</param>
    /// <param name="canvas">Canvas of an animation; null for a still picture.</param>
    /// <returns>The file itself, or the first frame of an animation as a file.</returns>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> webp, string? name, ImageDecodeOptions options, out Canvas? canvas)
    {
        canvas = null;
        if (webp.Length < RiffBytes + ChunkBytes || BinaryPrimitives.ReadUInt32LittleEndian(webp[4..]) + 8L > webp.Length)
        {
            throw ImageDecodeException.CutOff(name);
        }
        var chunks = webp[RiffBytes..];
        if (!TryTake(ref chunks, out var type, out var header) || !type.SequenceEqual("VP8X"u8) || header.Length < 10)
        {
            return webp;
        }
        var (width, height) = (Read24(header[4..]) + 1, Read24(header[7..]) + 1);
        PictureSize.Record(width, height);
        ImageLimits.Check(width, height, name, options);
        while (TryTake(ref chunks, out type, out var data))
        {
            if (type.SequenceEqual("ANMF"u8) && (header[0] & AnimationFlag) != 0 && data.Length > FrameBytes)
            {
                var (frameWidth, frameHeight) = (Read24(data[6..]) + 1, Read24(data[9..]) + 1);
                var (left, top) = (2 * Read24(data), 2 * Read24(data[3..]));
                canvas = new(width, height, left, top, Uncovered: 0);
                return left + frameWidth <= width && top + frameHeight <= height
                    ? Still(data[FrameBytes..], frameWidth, frameHeight, name)
                    : throw ImageDecodeException.Corrupt(name, "a frame of the WebP lies outside of its canvas");
            }
            if (IsPicture(type))
            {
                CheckSize(type, data, width, height, name);
            }
        }
        return webp;
    }

    /// <summary>Returns the orientation in the EXIF chunk, or 1 if there is none.</summary>
    public static int Orientation(ReadOnlySpan<byte> webp)
    {
        var chunks = webp[RiffBytes..];
        while (TryTake(ref chunks, out var type, out var data))
        {
            if (type.SequenceEqual("EXIF"u8))
            {
                return ExifDirectory.Orientation(data) ?? 1;
            }
        }
        return 1;
    }

    /// <summary>Creates a file of one frame from its colours and alpha, with an extended header if alpha has a chunk of its own.</summary>
    private static byte[] Still(ReadOnlySpan<byte> chunks, int width, int height, string? name)
    {
        var body = new MemoryStream();
        var left = chunks;
        while (TryTake(ref left, out var type, out var data))
        {
            if (type.SequenceEqual("ALPH"u8) && body.Length == 0)
            {
                var header = new byte[10];
                header[0] = AlphaFlag;
                Write24(width - 1, header.AsSpan(4));
                Write24(height - 1, header.AsSpan(7));
                Add(body, "VP8X"u8, header);
                Add(body, type, data);
            }
            else if (IsPicture(type))
            {
                CheckSize(type, data, width, height, name);
                Add(body, type, data);
                break;
            }
        }
        var file = new byte[RiffBytes + body.Length];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WEBP"u8.CopyTo(file.AsSpan(8));
        body.GetBuffer().AsSpan(0, (int)body.Length).CopyTo(file.AsSpan(RiffBytes));
        return file;
    }

    private static void Add(MemoryStream body, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, data.Length);
        body.Write(type);
        body.Write(length);
        body.Write(data);
        if ((data.Length & 1) != 0)
        {
            body.WriteByte(0);
        }
    }

    private static bool IsPicture(ReadOnlySpan<byte> type) => type.SequenceEqual("VP8 "u8) || type.SequenceEqual("VP8L"u8);

    private static void CheckSize(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data, int width, int height, string? name)
    {
        if (data.Length < 10)
        {
            throw ImageDecodeException.CutOff(name);
        }
        var lossless = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
        var (pictureWidth, pictureHeight) = type[3] == (byte)'L'
            ? ((int)(lossless & 0x3FFF) + 1, (int)((lossless >> 14) & 0x3FFF) + 1)
            : (BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3FFF);
        if ((pictureWidth, pictureHeight) != (width, height))
        {
            throw ImageDecodeException.Corrupt(
                name, $"a picture of {pictureWidth} x {pictureHeight} says that it has {width} x {height} pixels");
        }
    }

    private static bool TryTake(ref ReadOnlySpan<byte> chunks, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> data)
    {
        if (chunks.Length < ChunkBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(chunks[4..]) is var length && length > chunks.Length - ChunkBytes)
        {
            type = data = [];
            return false;
        }
        type = chunks[..4];
        data = chunks.Slice(ChunkBytes, (int)length);
        chunks = chunks[Math.Min(chunks.Length, ChunkBytes + (int)length + ((int)length & 1))..];
        return true;
    }

    private static int Read24(ReadOnlySpan<byte> from) => from[0] | (from[1] << 8) | (from[2] << 16);

    private static void Write24(int value, Span<byte> to) => (to[0], to[1], to[2]) = ((byte)value, (byte)(value >> 8), (byte)(value >> 16));
}
