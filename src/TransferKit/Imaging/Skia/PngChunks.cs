using System.Buffers.Binary;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Skia;

/// <summary>Enumerates the complete chunks of a PNG.</summary>
internal ref struct PngChunks(ReadOnlySpan<byte> png)
{
    private const int SignatureBytes = 8;

    // A chunk has a length, four letters, the data and a checksum.
    private const int AroundData = 12;

    /// <summary>The largest number of bytes to which deflate expands one byte.</summary>
    private const int MostInflation = 1032;

    private ReadOnlySpan<byte> _left = png.Length < SignatureBytes ? [] : png[SignatureBytes..];

    public PngChunk Current { get; private set; }

    public readonly PngChunks GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_left.Length < AroundData || BinaryPrimitives.ReadUInt32BigEndian(_left) is var length && length > _left.Length - AroundData)
        {
            return false;
        }
        Current = new() { Type = _left.Slice(4, 4), Data = _left.Slice(8, (int)length) };
        _left = _left[((int)length + AroundData)..];
        return true;
    }

    /// <summary>Refuses a PNG whose data are too short for the size in its header, before memory is allocated for it.</summary>
    public static void Check(ReadOnlySpan<byte> png, string? name, ImageDecodeOptions options)
    {
        foreach (var chunk in new PngChunks(png))
        {
            if (!chunk.Type.SequenceEqual("IHDR"u8) || chunk.Data.Length < 10)
            {
                continue;
            }
            var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(chunk.Data), BinaryPrimitives.ReadUInt32BigEndian(chunk.Data[4..]));
            ImageLimits.Check(width, height, name, options);
            var picture = ((width * (long)chunk.Data[8] * Channels(chunk.Data[9])) + 7) / 8 * height;
            if (picture / MostInflation > png.Length)
            {
                throw ImageDecodeException.CutOff(name);
            }
            return;
        }
    }

    private static int Channels(byte colourType) => colourType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
}

/// <summary>Represents a chunk of a PNG.</summary>
internal readonly ref struct PngChunk
{
    public required ReadOnlySpan<byte> Type { get; init; }

    public required ReadOnlySpan<byte> Data { get; init; }
}
