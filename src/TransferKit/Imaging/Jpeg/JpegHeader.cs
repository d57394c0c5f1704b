using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Reads the segments of a JPEG except for its compressed data. It reports rare kinds and violations of the standard as unknown. The object
/// is reused for one picture after another.
/// </summary>
/// <param name="components">Objects for three components, which the header fills.</param>
internal sealed class JpegHeader(JpegComponent[] components)
{
    private const int AllAcWithDc = 63;

    private Offsets _quantisers;
    private Offsets _huffman;
    private bool _hasJfif;
    private int _adobeTransform;
    private bool _hasScan;
    private int _components;

    public int Width { get; private set; }

    public int Height { get; private set; }

    public bool IsProgressive { get; private set; }

    public ReadOnlySpan<JpegComponent> Components => components.AsSpan(0, _components);

    /// <summary>Gets whether the three components are luminance and two chroma components.</summary>
    public bool IsYcc { get; private set; }

    public bool HasExif { get; private set; }

    /// <summary>Gets the number of MCUs between restarts, or zero without restarts.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>Gets the last scan's header.</summary>
    public JpegScanHeader Scan { get; private set; }

    /// <summary>Gets or sets the position up to which the file was read.</summary>
    public int Position { get; set; }

    public int MostHorizontal => Components[0].Horizontal;

    public int MostVertical => Components[0].Vertical;

    public int McusAcross => (Width + (8 * MostHorizontal) - 1) / (8 * MostHorizontal);

    public int McusDown => (Height + (8 * MostVertical) - 1) / (8 * MostVertical);

    /// <summary>Resets the header for a new picture.</summary>
    public void Begin()
    {
        (_quantisers, _huffman, _components) = (default, default, 0);
        (_hasJfif, _adobeTransform, _hasScan) = (false, -1, false);
        (Width, Height, IsProgressive, IsYcc, HasExif) = (0, 0, false, false, false);
        (RestartInterval, Scan, Position) = (0, default, 0);
    }

    /// <summary>Reads up to the compressed data of the next scan or to the end of the picture.</summary>
    public JpegPart Next(ReadOnlySpan<byte> jpeg)
    {
        if (Position == 0)
        {
            if (!jpeg.StartsWith([JpegMarker.Prefix, JpegMarker.StartOfImage]))
            {
                return JpegPart.Unknown;
            }
            Position = 2;
        }
        while (Position + 2 <= jpeg.Length && jpeg[Position] == JpegMarker.Prefix)
        {
            var marker = jpeg[Position + 1];
            if (marker == JpegMarker.Prefix)
            {
                Position++;
                continue;
            }
            Position += 2;
            if (marker == JpegMarker.EndOfImage)
            {
                return JpegPart.End;
            }
            if (!BinaryPrimitives.TryReadUInt16BigEndian(jpeg[Position..], out var length)
                || length < 2 || length > jpeg.Length - Position)
            {
                return JpegPart.Unknown;
            }
            var at = Position + 2;
            Position += length;
            if (!IsKnown(marker, at, jpeg[at..Position]))
            {
                return JpegPart.Unknown;
            }
            if (marker == JpegMarker.StartOfScan)
            {
                _hasScan = true;
                return JpegPart.Scan;
            }
        }
        return JpegPart.Unknown;
    }

    /// <summary>
    /// Returns a quantisation table as stored in the file, or an empty span if it is missing. Its values are in zigzag order and have one
    /// or two bytes each.
    /// </summary>
    public ReadOnlySpan<byte> Quantiser(int number, ReadOnlySpan<byte> jpeg)
    {
        var at = _quantisers[number];
        return at == 0 ? [] : jpeg.Slice(at, jpeg[at - 1] >> 4 == 0 ? 64 : 128);
    }

    /// <summary>
    /// Returns a Huffman table as stored in the file, or an empty span if it is missing. It consists of sixteen counts and the symbols.
    /// </summary>
    public ReadOnlySpan<byte> Huffman(bool isAc, int number, ReadOnlySpan<byte> jpeg)
    {
        var at = _huffman[(isAc ? 4 : 0) + number];
        return at == 0 ? [] : jpeg.Slice(at, 16 + Symbols(jpeg.Slice(at, 16)));
    }

    private bool IsKnown(byte marker, int at, ReadOnlySpan<byte> segment)
    {
        switch (marker)
        {
            case JpegMarker.BaselineFrame or JpegMarker.ExtendedFrame or JpegMarker.ProgressiveFrame:
                IsProgressive = marker == JpegMarker.ProgressiveFrame;
                return Components.Length == 0 && IsFrame(segment);
            case JpegMarker.QuantisationTables:
                // Each component uses the table at its first scan, so a later redefinition would need a copy.
                return !_hasScan && AreQuantisers(at, segment);
            case JpegMarker.HuffmanTables:
                return AreHuffmanTables(at, segment);
            case JpegMarker.RestartInterval:
                RestartInterval = segment.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(segment) : 0;
                return segment.Length == 2;
            case JpegMarker.StartOfScan:
                return Components.Length > 0 && (_hasScan || IsColourKnown()) && IsScan(segment);
            case JpegMarker.Application0:
                _hasJfif |= segment.Length >= 14 && segment.StartsWith("JFIF\0"u8);
                return true;
            case JpegMarker.Application1:
                HasExif |= segment.StartsWith("Exif\0"u8);
                return true;
            case JpegMarker.Application14:
                if (segment.Length >= 12 && segment.StartsWith("Adobe"u8))
                {
                    _adobeTransform = segment[11];
                }
                return true;
            default:
                return marker is (>= JpegMarker.Application0 and <= JpegMarker.Application15) or JpegMarker.Comment;
        }
    }

    private bool IsFrame(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 6 || segment[0] != 8 || segment[5] is not (1 or 3) || segment.Length != 6 + (3 * segment[5]))
        {
            return false;
        }
        Height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        Width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        _components = segment[5];
        for (var i = 0; i < _components; i++)
        {
            var (id, sampling, quantiser) = (segment[6 + (3 * i)], segment[7 + (3 * i)], segment[8 + (3 * i)]);
            if (sampling >> 4 is 0 or > 4 || (sampling & 15) is 0 or > 4 || quantiser > 3)
            {
                return false;
            }
            // A single component is never interleaved, so its blocks come row by row whatever its sampling.
            var (horizontal, vertical) = _components == 1 ? (1, 1) : (sampling >> 4, sampling & 15);
            components[i].Begin(id, horizontal, vertical, quantiser);
        }
        return Height > 0 && Width > 0 && IsSamplingKnown();
    }

    private bool IsSamplingKnown()
    {
        if (Components.Length == 1)
        {
            return true;
        }
        // libjpeg upsamples chroma rows of at most two samples differently.
        return MostHorizontal <= 2 && MostVertical <= 2 && Components is [_, { Horizontal: 1, Vertical: 1 }, { Horizontal: 1, Vertical: 1 }]
            && Components[0].Id != Components[1].Id && Components[0].Id != Components[2].Id && Components[1].Id != Components[2].Id
            && (MostHorizontal == 1 || Width > 4);
    }

    private bool AreQuantisers(int at, ReadOnlySpan<byte> segment)
    {
        while (segment.Length > 0)
        {
            var length = segment[0] >> 4 == 0 ? 65 : 129;
            if (segment[0] >> 4 > 1 || (segment[0] & 15) > 3 || segment.Length < length)
            {
                return false;
            }
            _quantisers[segment[0] & 15] = at + 1;
            at += length;
            segment = segment[length..];
        }
        return true;
    }

    private bool AreHuffmanTables(int at, ReadOnlySpan<byte> segment)
    {
        while (segment.Length > 0)
        {
            if (segment.Length < 17 || segment[0] >> 4 > 1 || (segment[0] & 15) > 3)
            {
                return false;
            }
            var length = 17 + Symbols(segment.Slice(1, 16));
            if (length > 17 + 256 || length > segment.Length)
            {
                return false;
            }
            _huffman[(segment[0] >> 4 << 2) + (segment[0] & 15)] = at + 1;
            at += length;
            segment = segment[length..];
        }
        return true;
    }

    private static int Symbols(ReadOnlySpan<byte> counts)
    {
        var sum = 0;
        foreach (var count in counts)
        {
            sum += count;
        }
        return sum;
    }

    /// <summary>Determines the colour space as libjpeg does. Returns false for cases that libjpeg decides by guessing.</summary>
    private bool IsColourKnown()
    {
        var isNamed = Components is [{ Id: (byte)'R' }, { Id: (byte)'G' }, { Id: (byte)'B' }];
        IsYcc = Components.Length == 3 && (_hasJfif || (_adobeTransform >= 0 ? _adobeTransform == 1 : !isNamed));
        return Components.Length == 1 || _hasJfif || _adobeTransform <= 1;
    }

    private bool IsScan(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 1 || segment[0] < 1 || segment[0] > Components.Length || segment.Length != 4 + (2 * segment[0]))
        {
            return false;
        }
        var tables = new JpegTableNumbers();
        var first = -1;
        for (var i = 0; i < segment[0]; i++)
        {
            first = i == 0 ? IndexOf(segment[1]) : first;
            if (first < 0 || first + i >= Components.Length || Components[first + i].Id != segment[1 + (2 * i)])
            {
                return false;
            }
            tables[i] = segment[2 + (2 * i)];
            if (tables[i] >> 4 > 3 || (tables[i] & 15) > 3)
            {
                return false;
            }
        }
        var bounds = segment[^3..];
        Scan = new()
        {
            FirstComponent = first,
            Components = segment[0],
            Tables = tables,
            First = bounds[0],
            Last = bounds[1],
            HighBit = bounds[2] >> 4,
            LowBit = bounds[2] & 15,
        };
        return IsProgressive ? IsProgression() : Scan is { First: 0, Last: AllAcWithDc, HighBit: 0, LowBit: 0 };
    }

    private int IndexOf(byte id)
    {
        for (var i = 0; i < Components.Length; i++)
        {
            if (Components[i].Id == id)
            {
                return i;
            }
        }
        return -1;
    }

    private bool IsProgression() =>
        Scan is { Last: <= AllAcWithDc, LowBit: <= 13 } && (Scan.HighBit == 0 || Scan.HighBit == Scan.LowBit + 1)
        && (Scan.First == 0 ? Scan.Last == 0 : Scan.Last >= Scan.First && Scan.Components == 1);

    [InlineArray(8)]
    private struct Offsets
    {
        private int _first;
    }
}

/// <summary>Specifies the next part of a JPEG.</summary>
internal enum JpegPart
{
    /// <summary>The content is rare or invalid and is left to libjpeg.</summary>
    Unknown,
    Scan,
    End,
}
