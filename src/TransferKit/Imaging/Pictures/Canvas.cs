using TransferKit.Common;

namespace TransferKit.Imaging.Pictures;

/// <summary>Represents the canvas of an animation and the position of its first frame.</summary>
/// <param name="Width">Width of the canvas in pixels.</param>
/// <param name="Height">Height of the canvas in pixels.</param>
/// <param name="Left">Number of pixels left of the frame.</param>
/// <param name="Top">Number of rows above the frame.</param>
/// <param name="Uncovered">Colour of the pixels outside the frame, as 0xRRGGBB.</param>
internal readonly record struct Canvas(int Width, int Height, int Left, int Top, int Uncovered);

/// <summary>Decodes a frame on its canvas. Memory use depends on the frame only, because a file can claim a canvas of any size.</summary>
internal readonly ref struct CanvasPicture<TFrame>(TFrame frame, Canvas canvas) : IEncodedPicture
    where TFrame : IEncodedPicture, allows ref struct
{
    private readonly TFrame _frame = frame;

    public int Width => canvas.Width;

    public int Height => canvas.Height;

    public int Orientation => _frame.Orientation;

    public bool TryRead<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        Blank(canvas.Top, ref rows, in watch);
        var framed = new FrameRows<TRows>(rows, canvas, _frame.Width);
        try
        {
            if (!_frame.TryRead(ref framed, in watch))
            {
                return false;
            }
            rows = framed.Rows;
        }
        finally
        {
            framed.ReturnMemory();
        }
        Blank(canvas.Height - canvas.Top - _frame.Height, ref rows, in watch);
        return true;
    }

    /// <summary>Fills pixels with one colour.</summary>
    public static void Fill(Span<byte> rgb, int colour)
    {
        for (var at = 0; at < rgb.Length; at += 3)
        {
            (rgb[at], rgb[at + 1], rgb[at + 2]) = ((byte)(colour >> 16), (byte)(colour >> 8), (byte)colour);
        }
    }

    private void Blank<TRows>(int count, ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        for (int left = count, some; left > 0; left -= some)
        {
            watch.Check();
            some = Math.Min(left, RowBands.Rows(canvas.Width, canvas.Height));
            Fill(rows.Next(some * canvas.Width * 3), canvas.Uncovered);
            rows.Written();
        }
    }

    /// <summary>Puts the frame's rows into those of the canvas.</summary>
    private ref struct FrameRows<TRows>(TRows rows, Canvas canvas, int frameWidth) : IPixelRows
        where TRows : IPixelRows, allows ref struct
    {
        public TRows Rows = rows;
        private byte[] _rented = [];
        private int _length;

        public Span<byte> Next(int bytes)
        {
            if (_rented.Length < bytes)
            {
                ReturnMemory();
                _rented = BufferPool.Bytes.Rent(bytes);
            }
            _length = bytes;
            return _rented.AsSpan(0, bytes);
        }

        public readonly bool Needs(int row) => Rows.Needs(row + canvas.Top);

        public void Written()
        {
            var (width, stride) = (frameWidth * 3, canvas.Width * 3);
            var count = _length / width;
            // A canvas far wider than the frame is written one row at a time.
            var some = Math.Min(count, RowBands.Rows(canvas.Width, canvas.Height));
            for (var y = 0; y < count; y += some)
            {
                some = Math.Min(some, count - y);
                var band = Rows.Next(some * stride);
                Fill(band, canvas.Uncovered);
                for (var row = 0; row < some; row++)
                {
                    _rented.AsSpan((y + row) * width, width).CopyTo(band[((row * stride) + (canvas.Left * 3))..]);
                }
                Rows.Written();
            }
        }

        public void ReturnMemory()
        {
            BufferPool.Bytes.Return(_rented);
            _rented = [];
        }
    }
}

/// <summary>Provides an extension that decodes frames on their canvas.</summary>
internal static class CanvasResult
{
    /// <summary>Decodes a frame, placed on its canvas if that has another size.</summary>
    public static void TakeOn<TResult, TFrame>(this ref TResult result, TFrame frame, Canvas? canvas, in DecodeWatch watch)
        where TResult : struct, IPictureResult, allows ref struct
        where TFrame : IEncodedPicture, allows ref struct
    {
        if (canvas is not { } sheet || (sheet.Width == frame.Width && sheet.Height == frame.Height))
        {
            result.TryTake(frame, in watch);
        }
        else
        {
            result.TryTake(new CanvasPicture<TFrame>(frame, sheet), in watch);
        }
    }
}
