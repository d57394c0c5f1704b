using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents the filters applied to an array's chunks, in the order of writing.</summary>
internal sealed class FilterPipeline
{
    private const int Deflate = 1;
    private const int Shuffle = 2;
    private const int Fletcher32 = 3;
    private const int Lzf = 32000;
    private const int ChecksumLength = 4;
    private const int MostFilters = 32;

    private readonly List<(int Kind, uint Parameter)> _filters = [];

    private FilterPipeline() { }

    public bool IsEmpty => _filters.Count == 0;

    public static FilterPipeline Parse(ReadOnlyMemory<byte>? message)
    {
        var pipeline = new FilterPipeline();
        if (message is not { } bytes)
            return pipeline;
        var cursor = new Hdf5Cursor(bytes.Span);
        var version = cursor.Version("filter list", 1, 2);
        var count = cursor.U8();
        if (count > MostFilters)
            throw Hdf5Exception.Damaged($"it claims {count} filters");
        cursor.Skip(version == 1 ? 6 : 0);
        for (var i = 0; i < count; i++)
        {
            var kind = cursor.U16();
            // In version 2 only filters outside HDF5's own ids have names.
            var nameLength = version == 1 || kind >= 256 ? cursor.U16() : 0;
            cursor.Skip(2);
            var parameters = cursor.U16();
            cursor.Skip(version == 1 ? (nameLength + 7) / 8 * 8 : nameLength);
            var first = parameters > 0 ? cursor.U32() : 0;
            cursor.Skip(4 * (Math.Max(0, parameters - 1) + (version == 1 ? parameters % 2 : 0)));
            pipeline._filters.Add((CheckKind(kind), first));
        }
        return pipeline;
    }

    /// <summary>Restores a chunk by undoing its filters.</summary>
    /// <param name="stored">The chunk as stored. It may be modified.</param>
    /// <param name="skipped">A bit mask of the filters that were not applied.</param>
    /// <param name="length">The chunk's length before filters.</param>
    public Memory<byte> Undo(Memory<byte> stored, uint skipped, int length)
    {
        for (var i = _filters.Count - 1; i >= 0; i--)
        {
            if ((skipped & 1u << i) != 0)
                continue;
            stored = _filters[i].Kind switch
            {
                Deflate => Inflate(stored, LengthBefore(i, skipped, length)),
                Lzf => LzfCompression.Expand(stored.Span, LengthBefore(i, skipped, length)),
                Shuffle => Unshuffle(stored.Span, _filters[i].Parameter),
                _ => Verified(stored),
            };
        }
        return stored.Length == length
            ? stored : throw Hdf5Exception.Damaged($"a chunk has {stored.Length:N0} bytes instead of {length:N0}");
    }

    /// <summary>Gets the maximum length of a filtered chunk; compression of incompressible data adds little.</summary>
    public long LongestStored(int length) => IsEmpty ? length : length + length / 16 + 1024L + ChecksumLength * _filters.Count;

    private static int CheckKind(int kind) => kind switch
    {
        Deflate or Shuffle or Fletcher32 or Lzf => kind,
        4 => throw Hdf5Exception.Refused("is compressed by szip"),
        5 => throw Hdf5Exception.Refused("is packed by the filter nbit"),
        6 => throw Hdf5Exception.Refused("is packed by the filter scaleoffset"),
        _ => throw Hdf5Exception.Refused($"uses filter {kind}, which is a plug-in"),
    };

    // A checksum is the only filter before a compressor that changes the length.
    private int LengthBefore(int filter, uint skipped, int length)
    {
        for (var i = 0; i < filter; i++)
        {
            if ((skipped & 1u << i) != 0)
                continue;
            if (_filters[i].Kind is Deflate or Lzf)
                throw Hdf5Exception.Refused("is compressed twice");
            if (_filters[i].Kind == Fletcher32)
                length += ChecksumLength;
        }
        return length;
    }

    private static byte[] Inflate(ReadOnlyMemory<byte> stored, int length)
    {
        var inflated = new byte[length];
        try
        {
            MemoryMarshal.TryGetArray(stored, out var bytes);
            using var compressed = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
            using var stream = new ZLibStream(compressed, CompressionMode.Decompress);
            if (stream.ReadAtLeast(inflated, length, throwOnEndOfStream: false) < length)
                throw Hdf5Exception.Damaged("a compressed chunk is shorter than its shape");
            if (stream.ReadByte() >= 0)
                throw Hdf5Exception.Damaged("a compressed chunk is longer than its shape");
            return inflated;
        }
        catch (InvalidDataException e)
        {
            throw new Hdf5Exception("is damaged: a chunk cannot be decompressed", e);
        }
    }

    // Shuffling stores the first bytes of all elements, then the second bytes, and so on; an incomplete last element is not shuffled.
    private static byte[] Unshuffle(ReadOnlySpan<byte> shuffled, uint elementLength)
    {
        if (elementLength == 0 || elementLength > shuffled.Length)
            return shuffled.ToArray();
        var (size, count) = ((int)elementLength, shuffled.Length / (int)elementLength);
        var bytes = new byte[shuffled.Length];
        for (var place = 0; place < size; place++)
        {
            var from = shuffled.Slice(place * count, count);
            for (int i = 0, at = place; i < from.Length; i++, at += size)
                bytes[at] = from[i];
        }
        shuffled[(size * count)..].CopyTo(bytes.AsSpan(size * count));
        return bytes;
    }

    private static Memory<byte> Verified(Memory<byte> stored)
    {
        if (stored.Length < ChecksumLength)
            throw Hdf5Exception.Damaged("a chunk is shorter than its checksum");
        var data = stored[..^ChecksumLength];
        return Hdf5Checksum.Fletcher32(data.Span) == BinaryPrimitives.ReadUInt32LittleEndian(stored.Span[^ChecksumLength..])
            ? data : throw Hdf5Exception.Damaged("the checksum of a chunk is wrong (fletcher32)");
    }
}
