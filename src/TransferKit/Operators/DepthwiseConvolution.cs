using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Operators;

/// <summary>
/// Computes a depthwise <see cref="ByteConvolution"/>. The processor adds four products at once, which are those of four rows of a channel,
/// so the bytes of the rows below two rows of outputs, or below one where the stride keeps them apart, are interleaved first.
/// </summary>
internal static unsafe class DepthwiseConvolution
{
    /// <summary>The channels that are computed together, in four vectors, and the fewest of a convolution.</summary>
    public const int Block = 32;

    private const int Vectors = 4;

    // The rows of that many channels lie in few lines of the cache.
    private const int BlocksOfItem = 4;

    // The interleaved rows should stay in the first cache beside those of the map.
    private const int InterleavedBytes = 24 << 10;

    /// <summary>The number of items of <see cref="Run"/>.</summary>
    public static int Items(in ByteConvolution work) =>
        checked(work.Images * Quotient.RoundedUp(work.OutputHeight, RowsAtOnce(work.Window.Stride))
            * Quotient.RoundedUp(work.Channels, Block * BlocksOfItem));

    /// <summary>
    /// Returns the kernel of shape <c>(blocks, rows of outputs, columns, groups of four rows, channels of a block, four rows)</c>. The
    /// rows that an output does not read have zeros.
    /// </summary>
    /// <param name="kernel">The kernel of shape <c>(channels, rows, columns)</c>.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="stride">The stride of the convolution.</param>
    public static sbyte[] Pack(ReadOnlySpan<sbyte> kernel, int channels, int columns, int stride)
    {
        var rows = kernel.Length / channels / columns;
        var (blocks, groups) = (Quotient.RoundedUp(channels, Block), Groups(rows, stride));
        var packed = new sbyte[blocks * RowsAtOnce(stride) * columns * groups * Block * ByteConvolution.ProductsAtOnce];
        for (var i = 0; i < packed.Length; i++)
        {
            var (rest, row) = Math.DivRem(i, ByteConvolution.ProductsAtOnce);
            (rest, var lane) = Math.DivRem(rest, Block);
            (rest, var group) = Math.DivRem(rest, groups);
            (rest, var column) = Math.DivRem(rest, columns);
            var (block, output) = Math.DivRem(rest, RowsAtOnce(stride));
            row += group * ByteConvolution.ProductsAtOnce - output * stride;
            if (row >= 0 && row < rows)
                packed[i] = kernel[(First(block, channels) + ChannelOf(lane)) * rows * columns + row * columns + column];
        }
        return packed;
    }

    /// <summary>Returns the numbers of the channels block by block, in the order of the packed kernel.</summary>
    public static T[] PackChannels<T>(ReadOnlySpan<T> numbers)
    {
        var packed = new T[Quotient.RoundedUp(numbers.Length, Block) * Block];
        for (var i = 0; i < packed.Length; i++)
            packed[i] = numbers[First(i / Block, numbers.Length) + ChannelOf(i % Block)];
        return packed;
    }

    /// <summary>Computes two rows of outputs of some channels.</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in ByteConvolution work, int item)
    {
        var (width, height) = (work.OutputWidth, work.OutputHeight);
        var (blocks, rows) = (Quotient.RoundedUp(work.Channels, Block), RowsAtOnce(work.Window.Stride));
        var (row, part) = Math.DivRem(item, Quotient.RoundedUp(blocks, BlocksOfItem));
        var (image, y) = Math.DivRem(row, Quotient.RoundedUp(height, rows));
        y *= rows;
        var column = Groups(work.Window.Rows, work.Window.Stride) * Block * ByteConvolution.ProductsAtOnce;
        // The number is even, because one row is computed by two outputs at once.
        var outputs = ((InterleavedBytes / column - work.Window.Columns) / work.Window.Stride + 1) & -2;
        var memory = stackalloc byte[InterleavedBytes + Vector256<byte>.Count];
        // Vectors that cross two lines of the cache load more slowly.
        var interleaved = (byte*)(((nint)memory + Vector256<byte>.Count - 1) & -Vector256<byte>.Count);
        var map = work.Input + (long)image * work.Height * work.Width * work.Channels;
        var to = work.Output + ((long)image * height + y) * width * work.Channels;
        nint below = y + 1 < height ? (nint)width * work.Channels : 0;
        for (var block = part * BlocksOfItem; block < Math.Min((part + 1) * BlocksOfItem, blocks); block++)
        {
            // The last block may repeat channels of the one before it.
            var first = First(block, work.Channels);
            for (var x = 0; x < width; x += outputs)
            {
                var count = Math.Min(outputs, width - x);
                var columns = (count - 1) * work.Window.Stride + work.Window.Columns;
                var (top, left) = (y * work.Window.Stride - work.Window.Top, x * work.Window.Stride - work.Window.Left);
                Interleave(work, map + first, top, left, columns, interleaved);
                if (rows == 2)
                    Sums<TwoRows>(work, interleaved, column, block, to + (long)x * work.Channels + first, below, count);
                else
                    Sums<OneRow>(work, interleaved, column, block, to + (long)x * work.Channels + first, below: 0, count);
            }
        }
    }

    private static int RowsAtOnce(int stride) => stride == 1 ? 2 : 1;

    private static int Groups(int rows, int stride) => Quotient.RoundedUp(rows + RowsAtOnce(stride) - 1, ByteConvolution.ProductsAtOnce);

    private static int First(int block, int channels) => Math.Min(block * Block, channels - Block);

    // Interleaving takes eight bytes of each half of a vector, and then four.
    private static int ChannelOf(int lane)
    {
        var (vector, place) = Math.DivRem(lane, Block / Vectors);
        return vector * 4 + place % 4 + place / 4 * (Block / 2);
    }

    // Writes the bytes of four rows of each channel side by side, column by column. Places outside of the map have the zero point.
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Interleave(in ByteConvolution work, byte* map, int top, int left, int count, byte* to)
    {
        var outside = stackalloc byte[Block];
        var zero = Vector256.Create((byte)work.InputZero);
        zero.Store(outside);
        var (begin, end) = (Math.Clamp(-left, 0, count), Math.Clamp(work.Width - left, 0, count));
        var groups = Groups(work.Window.Rows, work.Window.Stride);
        var bottom = top + work.Window.Rows + RowsAtOnce(work.Window.Stride) - 1;
        var rows = stackalloc byte*[ByteConvolution.ProductsAtOnce];
        var steps = stackalloc nint[ByteConvolution.ProductsAtOnce];
        nint next = groups * Block * ByteConvolution.ProductsAtOnce;
        for (var group = 0; group < groups; group++, to += Block * ByteConvolution.ProductsAtOnce)
        {
            for (var i = 0; i < ByteConvolution.ProductsAtOnce; i++)
            {
                var y = top + group * ByteConvolution.ProductsAtOnce + i;
                var isInside = (uint)y < (uint)work.Height && y < bottom;
                rows[i] = isInside ? map + ((long)y * work.Width + left + begin) * work.Channels : outside;
                steps[i] = isInside ? work.Channels : 0;
            }
            byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3];
            nint step0 = steps[0], step1 = steps[1], step2 = steps[2], step3 = steps[3];
            var column = to;
            for (var x = 0; x < begin; x++, column += next)
                Fill(zero, column);
            for (var x = begin; x < end; x++, column += next, r0 += step0, r1 += step1, r2 += step2, r3 += step3)
            {
                Vector256<byte> b0 = Vector256.Load(r0), b1 = Vector256.Load(r1), b2 = Vector256.Load(r2), b3 = Vector256.Load(r3);
                var low01 = Avx2.UnpackLow(b0, b1).AsInt16();
                var low23 = Avx2.UnpackLow(b2, b3).AsInt16();
                Avx2.UnpackLow(low01, low23).AsByte().Store(column);
                Avx2.UnpackHigh(low01, low23).AsByte().Store(column + 32);
                var high01 = Avx2.UnpackHigh(b0, b1).AsInt16();
                var high23 = Avx2.UnpackHigh(b2, b3).AsInt16();
                Avx2.UnpackLow(high01, high23).AsByte().Store(column + 64);
                Avx2.UnpackHigh(high01, high23).AsByte().Store(column + 96);
            }
            for (var x = end; x < count; x++, column += next)
                Fill(zero, column);
        }
    }

    private static void Fill(Vector256<byte> zero, byte* column)
    {
        for (var i = 0; i < Vectors; i++)
            zero.Store(column + i * Vector256<byte>.Count);
    }

    // Computes outputs two at once: in two rows, of which the second may not be there, or side by side.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sums<TRows>(
        in ByteConvolution work, byte* interleaved, nint column, int block, byte* to, nint below, int count)
        where TRows : struct
    {
        var isTwoRows = typeof(TRows) == typeof(TwoRows);
        var length = column * work.Window.Columns;
        var kernel = work.Kernel + block * RowsAtOnce(work.Window.Stride) * length;
        var secondKernel = isTwoRows ? kernel + length : kernel;
        var (step, channels) = (column * work.Window.Stride, work.Channels);
        var zero = Vector256.Create((short)work.OutputZero);
        var bias = work.Bias + block * Block;
        var factors = (Vector256<float>*)(work.Factors + block * Block);
        for (var x = 0; x < count; x += isTwoRows ? 1 : 2)
        {
            Vector256<int> s00 = Vector256.Load(bias), s01 = Vector256.Load(bias + 8);
            Vector256<int> s02 = Vector256.Load(bias + 16), s03 = Vector256.Load(bias + 24);
            Vector256<int> s10 = s00, s11 = s01, s12 = s02, s13 = s03;
            var from = interleaved + x * step;
            for (nint tap = 0; tap < length; tap += Block * ByteConvolution.ProductsAtOnce, from += Block * ByteConvolution.ProductsAtOnce)
            {
                sbyte* by = kernel + tap, bySecond = secondKernel + tap;
                var b0 = Vector256.Load(from);
                s00 = AvxVnni.MultiplyWideningAndAdd(s00, b0, Vector256.Load(by));
                s10 = AvxVnni.MultiplyWideningAndAdd(s10, isTwoRows ? b0 : Vector256.Load(from + step), Vector256.Load(bySecond));
                var b1 = Vector256.Load(from + 32);
                s01 = AvxVnni.MultiplyWideningAndAdd(s01, b1, Vector256.Load(by + 32));
                s11 = AvxVnni.MultiplyWideningAndAdd(s11, isTwoRows ? b1 : Vector256.Load(from + step + 32), Vector256.Load(bySecond + 32));
                var b2 = Vector256.Load(from + 64);
                s02 = AvxVnni.MultiplyWideningAndAdd(s02, b2, Vector256.Load(by + 64));
                s12 = AvxVnni.MultiplyWideningAndAdd(s12, isTwoRows ? b2 : Vector256.Load(from + step + 64), Vector256.Load(bySecond + 64));
                var b3 = Vector256.Load(from + 96);
                s03 = AvxVnni.MultiplyWideningAndAdd(s03, b3, Vector256.Load(by + 96));
                s13 = AvxVnni.MultiplyWideningAndAdd(s13, isTwoRows ? b3 : Vector256.Load(from + step + 96), Vector256.Load(bySecond + 96));
            }
            // Packing takes four numbers of each vector in turn, which restores the order of the channels.
            var output = to + (long)x * channels;
            var words = ByteRounding.Words(s00, s01, factors[0], factors[1], zero);
            Avx2.PackUnsignedSaturate(words, ByteRounding.Words(s02, s03, factors[2], factors[3], zero)).Store(output);
            var second = isTwoRows ? below : x + 1 < count ? channels : 0;
            if (second == 0)
                continue;
            words = ByteRounding.Words(s10, s11, factors[0], factors[1], zero);
            Avx2.PackUnsignedSaturate(words, ByteRounding.Words(s12, s13, factors[2], factors[3], zero)).Store(output + second);
        }
    }

    // The code for each is compiled separately.
    private struct OneRow;

    private struct TwoRows;
}
