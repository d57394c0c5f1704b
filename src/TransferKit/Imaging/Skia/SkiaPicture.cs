using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SkiaSharp;
using TransferKit.Common;
using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Resizing;

namespace TransferKit.Imaging.Skia;

/// <summary>Decodes pictures with Skia's codecs and keeps red, green and blue.</summary>
internal sealed class SkiaPicture : IEncodedPicture, IDisposable
{
    private readonly WatchedBytes _bytes;
    private readonly SKCodec _codec;
    private readonly SKImageInfo _info;
    private readonly ImageFormat _format;
    private readonly string? _name;

    /// <param name="format">Format of the content: JPEG, PNG or a WebP of one frame.</param>
    /// <param name="encoded">Content of the file. Skia reads it in place, so it must stay there until the picture is disposed.</param>
    /// <param name="length">Number of bytes.</param>
    /// <param name="name">Name of the picture for errors.</param>
    /// <param name="options">Limits, orientation, and whether a JPEG may be decoded at a smaller scale.</param>
    /// <param name="wanted">Requested size, or null if the caller has none.</param>
    /// <param name="orientation">EXIF orientation, or null if Skia reads it.</param>
    public unsafe SkiaPicture(
        ImageFormat format, byte* encoded, int length, string? name, ImageDecodeOptions options, ImageSize? wanted,
        int? orientation = null)
    {
        (_format, _name) = (format, name);
        _bytes = new(encoded, length);
        try
        {
            _codec = SKCodec.Create(_bytes, out var result) ?? throw Failure(result);
            // Each access to the property allocates objects.
            var whole = _codec.Info;
            PictureSize.Record(whole.Width, whole.Height);
            ImageLimits.Check(whole.Width, whole.Height, name, options);
            if (format == ImageFormat.Jpeg && !JpegMarkers.MayHold(whole.Width, whole.Height, length))
            {
                throw ImageDecodeException.CutOff(name);
            }
            // Skia's origins have the same numbers as EXIF's orientations.
            Orientation = orientation ?? (options.ApplyExifOrientation ? (int)_codec.EncodedOrigin : 1);
            var scale = format == ImageFormat.Jpeg
                ? JpegDraft.ScaleFor(whole.Width, whole.Height, Orientation, options, wanted)
                : JpegDraft.Whole;
            // Without premultiplication, dropping alpha preserves the colours. Without a colour space, no profile is applied.
            _info = new SKImageInfo(
                JpegDraft.Scaled(whole.Width, scale), JpegDraft.Scaled(whole.Height, scale), SKColorType.Rgba8888, SKAlphaType.Unpremul);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Width => _info.Width;

    public int Height => _info.Height;

    public int Orientation { get; }

    /// <summary>Returns the EXIF orientation that Skia reads from a JPEG, or 1 if it reads none.</summary>
    public static unsafe int OrientationOf(byte* jpeg, int length)
    {
        using var data = SKData.Create((nint)jpeg, length);
        using var codec = SKCodec.Create(data);
        return codec is null ? 1 : (int)codec.EncodedOrigin;
    }

    /// <inheritdoc/>
    /// <returns>True, because no other decoder follows; errors are thrown.</returns>
    public bool TryRead<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        watch.Check();
        _bytes.Watch(in watch);
        // Skia's JPEG codec supports decoding by rows; not all other codecs do.
        var result = _format == ImageFormat.Jpeg ? ReadInBands(ref rows, in watch) : ReadWhole(ref rows, in watch);
        // The bytes may have ended for the codec because the time did.
        watch.Check();
        return result == SKCodecResult.Success ? true : throw Failure(result);
    }

    public void Dispose()
    {
        _codec?.Dispose();
        _bytes.Dispose();
    }

    private int RowsOfBand => RowBands.Rows(Width, Height);

    private unsafe SKCodecResult ReadWhole<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        using var memory = new RgbaMemory(_info.BytesSize);
        var result = Decode((nint)memory.Start);
        if (result != SKCodecResult.Success)
        {
            return result;
        }
        for (var y = 0; y < Height; y += RowsOfBand)
        {
            watch.Check();
            var count = Math.Min(RowsOfBand, Height - y);
            Add(new(memory.Start + ((long)y * _info.RowBytes), count * _info.RowBytes), ref rows);
        }
        return SKCodecResult.Success;
    }

    // Skia's one call for a whole picture fills the rows that are missing, which takes longer than a timeout may. A PNG is read row by
    // row instead, into the same memory; the codecs of other formats have only the one call.
    private SKCodecResult Decode(nint memory)
    {
        if (_format != ImageFormat.Png)
        {
            return _codec.GetPixels(_info, memory);
        }
        var result = _codec.StartIncrementalDecode(_info, memory, _info.RowBytes);
        return result == SKCodecResult.Success ? _codec.IncrementalDecode() : result;
    }

    /// <summary>Decodes some rows at a time, which stay in the processor's cache until they are used.</summary>
    private unsafe SKCodecResult ReadInBands<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        var result = _codec.StartScanlineDecode(_info);
        if (result != SKCodecResult.Success)
        {
            return result;
        }
        var rented = BufferPool.Bytes.Rent(RowsOfBand * _info.RowBytes);
        try
        {
            for (var y = 0; y < Height; y += RowsOfBand)
            {
                watch.Check();
                var count = Math.Min(RowsOfBand, Height - y);
                fixed (byte* band = rented)
                {
                    if (_codec.GetScanlines((nint)band, count, _info.RowBytes) < count)
                    {
                        return SKCodecResult.IncompleteInput;
                    }
                }
                Add(rented.AsSpan(0, count * _info.RowBytes), ref rows);
            }
            return SKCodecResult.Success;
        }
        finally
        {
            BufferPool.Bytes.Return(rented);
        }
    }

    private static void Add<TRows>(ReadOnlySpan<byte> rgba, ref TRows rows)
        where TRows : IPixelRows, allows ref struct
    {
        DropAlpha(rgba, rows.Next(rgba.Length / 4 * 3));
        rows.Written();
    }

    private static unsafe void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        fixed (byte* from = rgba, to = rgb)
        {
            nint at = 0;
            var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
            // Each store writes four bytes too many, which the next one overwrites. The last few pixels are copied singly.
            for (; (at * 3) + Vector128<byte>.Count <= rgb.Length; at += 4)
            {
                Vector128.Shuffle(Vector128.Load(from + (at * 4)), order).Store(to + (at * 3));
            }
            for (; at * 3 < rgb.Length; at++)
            {
                rgba.Slice((int)at * 4, 3).CopyTo(rgb[((int)at * 3)..]);
            }
        }
    }

    private ImageDecodeException Failure(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => ImageDecodeException.CutOff(_name),
        SKCodecResult.Unimplemented or SKCodecResult.InvalidConversion => new ImageDecodeException(
            ImageDecodeError.Unsupported, _name,
            "the image uses a variant of its format that cannot be read. Save it anew, as PNG for example."),
        _ => new ImageDecodeException(
            ImageDecodeError.Corrupt, _name, $"the image's content is damaged (the decoder says {result})."),
    };

    /// <summary>
    /// Allocates memory for a whole picture at four bytes a pixel. A large block is native, because a managed array that no pool retains
    /// would stay until a full garbage collection.
    /// </summary>
    private readonly unsafe ref struct RgbaMemory : IDisposable
    {
        private readonly byte[]? _rented;
        private readonly GCHandle _pin;

        public RgbaMemory(int bytes)
        {
            if (bytes > BufferPool.LargestPooled)
            {
                Start = (byte*)NativeMemory.Alloc((nuint)bytes);
                return;
            }
            _rented = BufferPool.Bytes.Rent(bytes);
            _pin = GCHandle.Alloc(_rented, GCHandleType.Pinned);
            Start = (byte*)_pin.AddrOfPinnedObject();
        }

        public byte* Start { get; }

        public void Dispose()
        {
            if (_rented is null)
            {
                NativeMemory.Free(Start);
                return;
            }
            _pin.Free();
            BufferPool.Bytes.Return(_rented);
        }
    }
}
