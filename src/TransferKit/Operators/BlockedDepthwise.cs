using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Operators;

/// <summary>
/// A depthwise convolution over maps in ONNX Runtime's blocks of 8 or 16 channels, with its activation. An item puts the rows of some
/// channels that its outputs read into a ring in the first cache, with zeros beside them, so that each row is made once and no sum meets
/// an edge. Items may run on any threads.
/// </summary>
internal unsafe struct BlockedDepthwise
{
    /// <summary>The largest number of rows or columns of a kernel.</summary>
    public const int Largest = 7;

    /// <summary>The largest stride.</summary>
    public const int LargestStride = 2;

    // The outputs whose sums are in registers at once. The widths of maps of 224 pixels are multiples of it.
    private const int Together = 7;
    private const int FewTogether = 4;

    // An item has at least that many products of vectors, beside which its call costs little.
    private const int LeastProducts = 2048;
    private const int ItemsForThread = 2;
    private const int LeastRowsOfItem = 4;

    /// <summary>The rows of the input.</summary>
    public BlockedRows From;

    /// <summary>The kernel of shape <c>(channels / lanes, rows, columns, lanes)</c>.</summary>
    public float* Kernel;

    public float* Bias;

    /// <summary>The output map of shape <c>(n, channels / lanes, h, w, lanes)</c>.</summary>
    public float* Output;

    public int Images, Channels;
    public MapWindow Window;

    /// <summary>What is applied to the outputs.</summary>
    public MapActivation Activation;

    private int _bands, _groupsOfItem;

    public readonly int OutputHeight => Window.OutputHeight(From.Height);
    public readonly int OutputWidth => Window.OutputWidth(From.Width);

    private readonly bool IsWide => Vectors512.Fill(From.Lanes);
    private readonly int Groups => Channels / (IsWide ? Vectors512.Count : Vectors256.Count);

    // The sums of the last outputs of a row may read beyond its columns.
    private readonly int RowLength => (Quotient.RoundedUp(OutputWidth, Together) * Together - 1) * Window.Stride + Window.Columns;

    /// <summary>Divides the work and returns the number of items of <see cref="Run"/>.</summary>
    public int Divide(int threads)
    {
        var expansion = From.Kernel == null ? 0 : From.Inputs * Window.Stride * Window.Stride;
        var products = (long)OutputHeight * OutputWidth * (Window.Rows * Window.Columns + expansion);
        _groupsOfItem = (int)Math.Clamp(LeastProducts / products, 1, Groups);
        var items = Images * Quotient.RoundedUp(Groups, _groupsOfItem);
        // Bands make the rows between them twice, so they are only as many as the threads need.
        var bands = Quotient.RoundedUp(threads * ItemsForThread, items);
        _bands = threads == 1 ? 1 : Math.Clamp(bands, 1, Math.Max(1, OutputHeight / LeastRowsOfItem));
        return checked(items * _bands);
    }

    /// <summary>Computes a band of rows of some channels of an image.</summary>
    public readonly void Run(int item)
    {
        if (IsWide)
            Run<Vectors512, Vector512<float>>(item);
        else
            Run<Vectors256, Vector256<float>>(item);
    }

    private readonly void Run<T, TVector>(int item)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var (part, band) = Math.DivRem(item, _bands);
        var (image, first) = Math.DivRem(part, Quotient.RoundedUp(Groups, _groupsOfItem));
        first *= _groupsOfItem;
        var (from, to) = (band * OutputHeight / _bands, (band + 1) * OutputHeight / _bands);
        // A row of zeros stands for all that are above or below the map.
        var length = checked((Window.Rows + 1) * RowLength * T.Count);
        var rented = ArrayPool<float>.Shared.Rent(length + Together * From.Lanes + CacheLine.Floats);
        fixed (float* memory = rented)
        {
            var ring = CacheLine.Align(memory);
            new Span<float>(ring, length).Clear();
            for (var group = first; group < Math.Min(first + _groupsOfItem, Groups); group++)
            {
                if (Window.Stride == 1)
                    Run<T, TVector, One>(image, group * T.Count, from, to, (TVector*)ring);
                else
                    Run<T, TVector, Two>(image, group * T.Count, from, to, (TVector*)ring);
            }
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    private readonly void Run<T, TVector, TStride>(int image, int channel, int from, int to, TVector* ring)
        where T : IVectors<TVector>
        where TVector : unmanaged
        where TStride : IStride
    {
        switch (Activation.Kind)
        {
            case MapActivationKind.Clip:
                Run<T, TVector, TStride, ClipActivation>(image, channel, from, to, ring);
                break;
            case MapActivationKind.Swish:
                Run<T, TVector, TStride, SwishActivation>(image, channel, from, to, ring);
                break;
            case MapActivationKind.HardSwish:
                Run<T, TVector, TStride, HardSwishActivation>(image, channel, from, to, ring);
                break;
            default:
                Run<T, TVector, TStride, NoActivation>(image, channel, from, to, ring);
                break;
        }
    }

    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run<T, TVector, TStride, TActivation>(int image, int channel, int from, int to, TVector* ring)
        where T : IVectors<TVector>
        where TVector : unmanaged
        where TStride : IStride
        where TActivation : IMapActivation
    {
        nint step = From.Lanes / T.Count;
        var inBlock = channel % From.Lanes;
        var before = (long)image * Channels + channel - inBlock;
        var output = (TVector*)(Output + before * OutputHeight * OutputWidth + inBlock) + (long)from * OutputWidth * step;
        var kernel = (TVector*)(Kernel + (channel - inBlock) * Window.Rows * Window.Columns + inBlock);
        var bias = (TVector*)(Bias + channel);
        var (length, width) = (RowLength, OutputWidth);
        // Some columns at the end may be read by no output.
        var count = Math.Min(From.Width, length - Window.Left);
        var spare = ring + (Window.Rows + 1) * length;
        var rows = stackalloc TVector*[Largest];
        var next = Math.Max(0, from * TStride.Value - Window.Top);
        for (var y = from; y < to; y++, output += width * step)
        {
            var top = y * TStride.Value - Window.Top;
            for (; next < Math.Min(top + Window.Rows, From.Height); next++)
                From.Fill<T, TVector>(image, channel, next, ring + next % Window.Rows * length + Window.Left, count);
            for (var i = 0; i < Window.Rows; i++)
                rows[i] = ring + ((uint)(top + i) < (uint)From.Height ? (top + i) % Window.Rows : Window.Rows) * length;
            var x = 0;
            for (; x + Together <= width; x += Together)
                SumsOfMany<T, TVector, TStride, TActivation>(rows, x * TStride.Value, kernel, bias, output + x * step);
            if (x == width)
                continue;
            // The sums beyond the end of the row are left aside.
            if (width - x > FewTogether)
                SumsOfMany<T, TVector, TStride, TActivation>(rows, x * TStride.Value, kernel, bias, spare);
            else
                SumsOfFew<T, TVector, TStride, TActivation>(rows, x * TStride.Value, kernel, bias, spare);
            for (var i = 0; x < width; i++, x++)
                output[x * step] = spare[i * step];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void SumsOfMany<T, TVector, TStride, TActivation>(TVector** rows, int x, TVector* kernel, TVector* bias, TVector* to)
        where T : IVectors<TVector>
        where TVector : unmanaged
        where TStride : IStride
        where TActivation : IMapActivation
    {
        nint step = From.Lanes / T.Count;
        TVector s0 = *bias, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0;
        for (var row = 0; row < Window.Rows; row++)
        {
            TVector* from = rows[row] + x, end = from + Window.Columns;
            // Each input is loaded once for three sums that it is a part of.
            for (; TStride.Value == 1 && from + 3 <= end; from += 3, kernel += 3 * step)
            {
                TVector k0 = kernel[0], k1 = kernel[step], k2 = kernel[2 * step];
                TVector v0 = from[0], v1 = from[1], v2 = from[2], v3 = from[3], v4 = from[4];
                TVector v5 = from[5], v6 = from[6], v7 = from[7], v8 = from[8];
                s0 = T.Sum(k0, v0, s0);
                s1 = T.Sum(k0, v1, s1);
                s2 = T.Sum(k0, v2, s2);
                s3 = T.Sum(k0, v3, s3);
                s4 = T.Sum(k0, v4, s4);
                s5 = T.Sum(k0, v5, s5);
                s6 = T.Sum(k0, v6, s6);
                s0 = T.Sum(k1, v1, s0);
                s1 = T.Sum(k1, v2, s1);
                s2 = T.Sum(k1, v3, s2);
                s3 = T.Sum(k1, v4, s3);
                s4 = T.Sum(k1, v5, s4);
                s5 = T.Sum(k1, v6, s5);
                s6 = T.Sum(k1, v7, s6);
                s0 = T.Sum(k2, v2, s0);
                s1 = T.Sum(k2, v3, s1);
                s2 = T.Sum(k2, v4, s2);
                s3 = T.Sum(k2, v5, s3);
                s4 = T.Sum(k2, v6, s4);
                s5 = T.Sum(k2, v7, s5);
                s6 = T.Sum(k2, v8, s6);
            }
            for (; from < end; from++, kernel += step)
            {
                var k = *kernel;
                s0 = T.Sum(k, from[0], s0);
                s1 = T.Sum(k, from[TStride.Value], s1);
                s2 = T.Sum(k, from[2 * TStride.Value], s2);
                s3 = T.Sum(k, from[3 * TStride.Value], s3);
                s4 = T.Sum(k, from[4 * TStride.Value], s4);
                s5 = T.Sum(k, from[5 * TStride.Value], s5);
                s6 = T.Sum(k, from[6 * TStride.Value], s6);
            }
        }
        to[0] = TActivation.Of<T, TVector>(Activation, s0);
        to[step] = TActivation.Of<T, TVector>(Activation, s1);
        to[2 * step] = TActivation.Of<T, TVector>(Activation, s2);
        to[3 * step] = TActivation.Of<T, TVector>(Activation, s3);
        to[4 * step] = TActivation.Of<T, TVector>(Activation, s4);
        to[5 * step] = TActivation.Of<T, TVector>(Activation, s5);
        to[6 * step] = TActivation.Of<T, TVector>(Activation, s6);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void SumsOfFew<T, TVector, TStride, TActivation>(TVector** rows, int x, TVector* kernel, TVector* bias, TVector* to)
        where T : IVectors<TVector>
        where TVector : unmanaged
        where TStride : IStride
        where TActivation : IMapActivation
    {
        nint step = From.Lanes / T.Count;
        TVector s0 = *bias, s1 = s0, s2 = s0, s3 = s0;
        for (var row = 0; row < Window.Rows; row++)
        {
            var from = rows[row] + x;
            for (var end = from + Window.Columns; from < end; from++, kernel += step)
            {
                var k = *kernel;
                s0 = T.Sum(k, from[0], s0);
                s1 = T.Sum(k, from[TStride.Value], s1);
                s2 = T.Sum(k, from[2 * TStride.Value], s2);
                s3 = T.Sum(k, from[3 * TStride.Value], s3);
            }
        }
        to[0] = TActivation.Of<T, TVector>(Activation, s0);
        to[step] = TActivation.Of<T, TVector>(Activation, s1);
        to[2 * step] = TActivation.Of<T, TVector>(Activation, s2);
        to[3 * step] = TActivation.Of<T, TVector>(Activation, s3);
    }

    // The code for each stride is compiled separately.
    private interface IStride
    {
        static abstract int Value { get; }
    }

    private readonly struct One : IStride
    {
        public static int Value => 1;
    }

    private readonly struct Two : IStride
    {
        public static int Value => 2;
    }
}
