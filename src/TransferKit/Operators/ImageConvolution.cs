using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Operators;

/// <summary>
/// Computes a <see cref="ByteConvolution"/> of an image, as at the start of a network. The processor adds four products at once, which are
/// those of four neighbours in a row of the image, so the image stays planar.
/// </summary>
internal static unsafe class ImageConvolution
{
    /// <summary>The most channels, beside which the rows of a kernel are short.</summary>
    public const int MostChannels = 4;

    /// <summary>The filters that are computed at once, in two vectors, and the fewest of a convolution.</summary>
    public const int FiltersAtOnce = 16;

    // The sums of that many outputs share each load of the kernel.
    private const int OutputsAtOnce = 4;

    // The rows of the image below an item should stay in the first cache.
    private const int RowBytes = 16 << 10;

    /// <summary>The number of items of <see cref="Run"/>.</summary>
    public static int Items(in ByteConvolution work) => checked(work.Images * work.OutputHeight);

    /// <summary>
    /// Returns the kernel of shape <c>(channels, rows, groups of four columns, filters, four columns)</c>. Zeros fill the last columns.
    /// </summary>
    /// <param name="kernel">The kernel of shape <c>(filters, channels, rows, columns)</c>.</param>
    /// <param name="filters">The number of filters.</param>
    /// <param name="columns">The number of columns.</param>
    public static sbyte[] Pack(ReadOnlySpan<sbyte> kernel, int filters, int columns)
    {
        var rows = kernel.Length / filters / columns;
        var packed = new sbyte[rows * Quads(columns) * filters * ByteConvolution.ProductsAtOnce];
        for (var i = 0; i < kernel.Length; i++)
        {
            var (row, column) = Math.DivRem(i, columns);
            (var filter, row) = Math.DivRem(row, rows);
            var quad = row * Quads(columns) + column / ByteConvolution.ProductsAtOnce;
            packed[(quad * filters + filter) * ByteConvolution.ProductsAtOnce + column % ByteConvolution.ProductsAtOnce] = kernel[i];
        }
        return packed;
    }

    /// <summary>Computes a row of outputs.</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in ByteConvolution work, int item)
    {
        var width = work.OutputWidth;
        var (image, y) = Math.DivRem(item, work.OutputHeight);
        var quads = Quads(work.Window.Columns);
        var outputs = (RowBytes / (work.Channels * work.Window.Rows) - quads * ByteConvolution.ProductsAtOnce) / work.Window.Stride + 1;
        var rows = stackalloc byte[RowBytes];
        // Where each four neighbours of the kernel are, from the first.
        var offsets = stackalloc int[work.Channels * work.Window.Rows * quads];
        var to = work.Output + (long)item * width * work.Filters;
        for (var x = 0; x < width; x += outputs)
        {
            var count = Math.Min(outputs, width - x);
            // Sums reads the rows below four outputs, also where there are fewer.
            var needed = (Math.Max(count, OutputsAtOnce) - 1) * work.Window.Stride + quads * ByteConvolution.ProductsAtOnce;
            CopyRows(work, image, y * work.Window.Stride - work.Window.Top, x * work.Window.Stride - work.Window.Left, rows, needed);
            for (var quad = 0; quad < work.Channels * work.Window.Rows * quads; quad++)
                offsets[quad] = quad / quads * needed + quad % quads * ByteConvolution.ProductsAtOnce;
            for (var filter = 0; filter < work.Filters; filter += FiltersAtOnce)
            {
                // The last filters and outputs at once may repeat some of those before them.
                var first = Math.Min(filter, work.Filters - FiltersAtOnce);
                for (var place = 0; place < count; place += OutputsAtOnce)
                {
                    var at = Math.Max(0, Math.Min(place, count - OutputsAtOnce));
                    Sums(work, rows + at * work.Window.Stride, offsets, first, to + (long)(x + at) * work.Filters + first, count - at);
                }
            }
        }
    }

    private static int Quads(int columns) => (columns + ByteConvolution.ProductsAtOnce - 1) / ByteConvolution.ProductsAtOnce;

    // Copies the rows below a place, with the zero point outside of the image.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(in ByteConvolution work, int image, int top, int left, byte* rows, int length)
    {
        var zero = (byte)work.InputZero;
        var (from, to) = (Math.Clamp(-left, 0, length), Math.Clamp(work.Width - left, 0, length));
        for (var channel = 0; channel < work.Channels; channel++)
        {
            var plane = work.Input + ((long)image * work.Channels + channel) * work.Height * work.Width + left;
            for (var y = top; y < top + work.Window.Rows; y++, rows += length)
            {
                var isInside = (uint)y < (uint)work.Height;
                if (isInside)
                    Unsafe.CopyBlockUnaligned(rows + from, plane + (long)y * work.Width + from, (uint)(to - from));
                // The edges are a few bytes, for which a call of a library's function would take longer.
                for (var x = 0; x < from; x++)
                    rows[x] = zero;
                for (var x = isInside ? to : from; x < length; x++)
                    rows[x] = zero;
            }
        }
    }

    // Computes four outputs of 16 filters, and writes fewer outputs if there are no more. The bytes behind the last are arbitrary.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sums(in ByteConvolution work, byte* rows, int* offsets, int filter, byte* to, int count)
    {
        nint filters = work.Filters, stride = work.Window.Stride;
        var kernel = work.Kernel + filter * ByteConvolution.ProductsAtOnce;
        Vector256<int> b0 = Vector256.Load(work.Bias + filter), b1 = Vector256.Load(work.Bias + filter + 8);
        Vector256<int> s00 = b0, s01 = b1, s10 = b0, s11 = b1, s20 = b0, s21 = b1, s30 = b0, s31 = b1;
        var next = filters * ByteConvolution.ProductsAtOnce;
        for (var left = work.Channels * work.Window.Rows * Quads(work.Window.Columns); left > 0; left--, offsets++, kernel += next)
        {
            var quad = rows + *offsets;
            Vector256<sbyte> k0 = Vector256.Load(kernel), k1 = Vector256.Load(kernel + 32);
            var x0 = Vector256.Create(*(int*)quad).AsByte();
            s00 = AvxVnni.MultiplyWideningAndAdd(s00, x0, k0);
            s01 = AvxVnni.MultiplyWideningAndAdd(s01, x0, k1);
            var x1 = Vector256.Create(*(int*)(quad + stride)).AsByte();
            s10 = AvxVnni.MultiplyWideningAndAdd(s10, x1, k0);
            s11 = AvxVnni.MultiplyWideningAndAdd(s11, x1, k1);
            var x2 = Vector256.Create(*(int*)(quad + 2 * stride)).AsByte();
            s20 = AvxVnni.MultiplyWideningAndAdd(s20, x2, k0);
            s21 = AvxVnni.MultiplyWideningAndAdd(s21, x2, k1);
            var x3 = Vector256.Create(*(int*)(quad + 3 * stride)).AsByte();
            s30 = AvxVnni.MultiplyWideningAndAdd(s30, x3, k0);
            s31 = AvxVnni.MultiplyWideningAndAdd(s31, x3, k1);
        }
        Vector256<float> f0 = Vector256.Load(work.Factors + filter), f1 = Vector256.Load(work.Factors + filter + 8);
        var zero = Vector256.Create((short)work.OutputZero);
        var first = ByteRounding.Pack(ByteRounding.Words(s00, s01, f0, f1, zero), ByteRounding.Words(s10, s11, f0, f1, zero));
        first.GetLower().Store(to);
        if (count > 1)
            first.GetUpper().Store(to + filters);
        if (count <= 2)
            return;
        var second = ByteRounding.Pack(ByteRounding.Words(s20, s21, f0, f1, zero), ByteRounding.Words(s30, s31, f0, f1, zero));
        second.GetLower().Store(to + 2 * filters);
        if (count > 3)
            second.GetUpper().Store(to + 3 * filters);
    }
}
