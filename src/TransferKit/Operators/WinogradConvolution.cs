using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Operators;

/// <summary>
/// A 3x3 convolution of stride 1, with bias and optional ReLU, over maps in ONNX Runtime's blocks of 8 or 16 channels. Its items may run on
/// any threads. Each transforms the inputs of its tiles, computes a matrix product for each of the 36 places and transforms the products
/// into outputs.
/// </summary>
internal unsafe struct WinogradConvolution
{
    /// <summary>The number of filters of a panel, whose kernel is stored together.</summary>
    public const int Panel = 32;

    // Each panel reads the rows of each block, so a block must fit into the cache.
    private const int LargestBlock = 24;

    // A kernel that is transformed where it is needed is transformed for each block, which pays for reading the rows from a slower cache.
    private const int LargestBlockOfBlocked = 48;

    // The kernel of that many channels and the rows of a block fit into the first cache together.
    private const int ChannelsAtOnce = 128;

    // A kernel that is transformed where it is needed fits into the second cache with the rows of a block. The line of the cache is there
    // for the reason of PlaceLength's.
    private const int ChannelsTransformedAtOnce = 64;
    private const int KernelPlaceLength = ChannelsTransformedAtOnce * Panel + CacheLine.Floats;

    // The pool keeps an array of each size for each thread, and this one has room for all items. What is not used takes no memory.
    private const int ScratchLength = 2 << 20;

    /// <summary>The number of channels of a block of the maps: 8 or 16.</summary>
    public int Lanes;

    /// <summary>The input map of shape <c>(n, channels / lanes, h, w, lanes)</c>.</summary>
    public float* Input;

    /// <summary>
    /// The kernel in the layout of <see cref="WinogradKernel"/>, or in ONNX Runtime's blocks if it is not yet transformed.
    /// </summary>
    public float* Kernel;

    public float* Bias;

    /// <summary>The output map of shape <c>(n, filters / lanes, h, w, lanes)</c>.</summary>
    public float* Output;

    /// <summary>The width of the zero padding on each side, 0 or 1.</summary>
    public int Padding;

    public int Images, Height, Width, Channels, Filters;
    public bool IsRectified;

    /// <summary>
    /// Whether the kernel is transformed. If it is not, it takes a quarter of the memory and is transformed for each block of tiles.
    /// </summary>
    public bool IsTransformed;

    private WinogradDivision _division;
    private int _block;

    public readonly int OutputHeight => OutputsOf(Height, Padding);
    public readonly int OutputWidth => OutputsOf(Width, Padding);

    /// <summary>The number of items of <see cref="Compute"/>.</summary>
    public readonly int Items => _division.Items;

    private readonly bool IsWide => Vectors512.Fill(Lanes);
    private readonly int TilesDown => TilesOf(OutputHeight);
    private readonly int TilesAcross => TilesOf(OutputWidth);
    private readonly int Tiles => checked(Images * TilesDown * TilesAcross);
    private readonly int BlockLength => WinogradTile.Places * PlaceLength;

    // The inputs of a tile are written to all places at once. A line of the cache between the places keeps them out of the same few
    // sets of the cache, which lengths that are multiples of 4 KiB would fill.
    private readonly int PlaceLength => _block * Channels + CacheLine.Floats;

    public static int OutputsOf(int inputs, int padding) => inputs + 2 * padding - 2;

    public static int TilesOf(int outputs) => Quotient.RoundedUp(outputs, WinogradTile.Outputs);

    /// <summary>Divides the work into items.</summary>
    public void Divide(int threads)
    {
        var rows = IsWide ? Vectors512.Rows : Vectors256.Rows;
        _division = WinogradDivision.Of(Tiles, Filters / Panel, Channels, rows, threads);
        _block = Math.Min(_division.Tiles, IsTransformed ? LargestBlock : LargestBlockOfBlocked);
    }

    /// <summary>Computes the outputs of an item.</summary>
    public readonly void Compute(int item)
    {
        if (IsWide)
            Compute<Vectors512, Vector512<float>>(item);
        else
            Compute<Vectors256, Vector256<float>>(item);
    }

    private readonly void Compute<T, TVector>(int item)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var (tileGroup, panelGroup) = Math.DivRem(item, _division.PanelGroups);
        var (first, firstPanel) = (tileGroup * _division.Tiles, panelGroup * _division.Panels);
        var (end, endPanel) = (Math.Min(first + _division.Tiles, Tiles), Math.Min(firstPanel + _division.Panels, Filters / Panel));
        var blocks = Quotient.RoundedUp(end - first, _block);
        var productsLength = WinogradTile.Places * _block * Panel;
        var kernelLength = IsTransformed ? 0 : WinogradTile.Places * KernelPlaceLength;
        var length = checked(blocks * BlockLength + productsLength + kernelLength + CacheLine.Floats);
        var scratch = ArrayPool<float>.Shared.Rent(Math.Max(length, ScratchLength));
        fixed (float* memory = scratch)
        {
            var products = CacheLine.Align(memory);
            var kernel = products + productsLength;
            var transformed = kernel + kernelLength;
            for (var block = 0; block < blocks; block++)
                Transform<T, TVector>(first + block * _block, end, transformed + block * BlockLength);
            for (var panel = firstPanel; panel < endPanel; panel++)
            {
                for (var block = 0; block < blocks; block++)
                    Multiply<T, TVector>(transformed + block * BlockLength, first + block * _block, end, panel, products, kernel);
            }
        }
        ArrayPool<float>.Shared.Return(scratch);
    }

    // Transforms the inputs of a block of tiles, or of fewer at the end.
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Transform<T, TVector>(int first, int end, float* transformed)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var columns = stackalloc TVector[WinogradTile.Places];
        var framed = stackalloc TVector[WinogradTile.Places];
        nint toStride = PlaceLength / T.Count;
        for (var channel = 0; channel < Channels; channel += T.Count)
        {
            var to = transformed + channel;
            for (var tile = first; tile < Math.Min(first + _block, end); tile++, to += Channels)
            {
                var (image, top, left) = PlaceOf(tile);
                (top, left) = (top - Padding, left - Padding);
                nint step = Lanes / T.Count;
                var from = (TVector*)Map(Input, image, Channels, channel, Height * Width) + ((long)top * Width + left) * step;
                var stride = Width * step;
                if (top < 0 || left < 0 || top + WinogradTile.Inputs > Height || left + WinogradTile.Inputs > Width)
                {
                    Frame(from, top, left, framed);
                    from = framed;
                    (step, stride) = (1, WinogradTile.Inputs);
                }
                for (var x = 0; x < WinogradTile.Inputs; x++)
                    WinogradTile.TransformInput<T, TVector>(from + x * step, stride, columns + x, WinogradTile.Inputs);
                for (var y = 0; y < WinogradTile.Inputs; y++)
                {
                    var line = (TVector*)to + y * WinogradTile.Inputs * toStride;
                    WinogradTile.TransformInput<T, TVector>(columns + y * WinogradTile.Inputs, 1, line, toStride);
                }
            }
        }
    }

    // Computes the outputs of a block of tiles, or of fewer at the end, for a panel of filters.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply<T, TVector>(float* rows, int first, int end, int panel, float* products, float* kernel)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var tiles = Math.Min(_block, end - first);
        if (IsTransformed)
            MultiplyByTransformed<T, TVector>(rows, tiles, Kernel + (long)panel * WinogradTile.Places * Channels * Panel, products);
        else
            MultiplyByBlocked<T, TVector>(rows, tiles, panel, products, kernel);
        for (var filter = 0; filter < Panel; filter += T.Count)
        {
            for (var tile = 0; tile < tiles; tile++)
                Collect<T, TVector>(products + tile * Panel + filter, first + tile, panel * Panel + filter);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void MultiplyByTransformed<T, TVector>(float* rows, int tiles, float* kernel, float* products)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        for (var place = 0; place < WinogradTile.Places; place++, kernel += Channels * Panel, products += _block * Panel)
        {
            for (var channel = 0; channel < Channels; channel += ChannelsAtOnce)
            {
                var channels = Math.Min(ChannelsAtOnce, Channels - channel);
                var from = rows + place * PlaceLength + channel;
                Multiply<T, TVector>(from, tiles, kernel + channel * Panel, channels, products, channel > 0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void MultiplyByBlocked<T, TVector>(float* rows, int tiles, int panel, float* products, float* transformed)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        for (var channel = 0; channel < Channels; channel += ChannelsTransformedAtOnce)
        {
            var channels = Math.Min(ChannelsTransformedAtOnce, Channels - channel);
            WinogradKernel.Transform<T, TVector>(
                Kernel, Lanes, Channels, panel, channel, channels, (TVector*)transformed, KernelPlaceLength / T.Count);
            for (var place = 0; place < WinogradTile.Places; place++)
            {
                Multiply<T, TVector>(
                    rows + place * PlaceLength + channel, tiles, transformed + place * KernelPlaceLength, channels,
                    products + place * _block * Panel, channel > 0);
            }
        }
    }

    // Computes the products of one place.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Multiply<T, TVector>(float* rows, int tiles, float* kernel, int channels, float* products, bool isContinued)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        for (var filter = 0; filter < Panel; filter += T.Filters)
        {
            for (var tile = 0; tile < tiles;)
            {
                var from = rows + (long)tile * Channels;
                var to = products + tile * Panel + filter;
                if (tiles - tile > WinogradProduct.FewRows)
                {
                    T.Product(from, Channels, channels, kernel + filter, to, isContinued);
                    tile += T.Rows;
                }
                else
                {
                    WinogradProduct.OfFewRows<T, TVector>(from, Channels, channels, kernel + filter, to, isContinued);
                    tile += WinogradProduct.FewRows;
                }
            }
        }
    }

    // Returns the first number of a channel in a map of that many places.
    private readonly float* Map(float* maps, int image, int channels, int channel, int places)
    {
        var inBlock = channel % Lanes;
        return maps + ((long)image * channels + channel - inBlock) * places + inBlock;
    }

    // Copies the inputs of a tile that reaches over the edge of the map, with zeros outside.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Frame<TVector>(TVector* from, int top, int left, TVector* framed)
        where TVector : unmanaged
    {
        nint step = Lanes * sizeof(float) / sizeof(TVector);
        for (var y = 0; y < WinogradTile.Inputs; y++)
        {
            for (var x = 0; x < WinogradTile.Inputs; x++)
            {
                framed[y * WinogradTile.Inputs + x] = (uint)(top + y) < (uint)Height && (uint)(left + x) < (uint)Width
                    ? from[((long)y * Width + x) * step]
                    : default;
            }
        }
    }

    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Collect<T, TVector>(float* products, int tile, int filter)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var (image, top, left) = PlaceOf(tile);
        var lines = stackalloc TVector[WinogradTile.Outputs * WinogradTile.Inputs];
        var outputs = stackalloc TVector[WinogradTile.Outputs];
        nint stride = _block * Panel / T.Count;
        for (var x = 0; x < WinogradTile.Inputs; x++)
        {
            var column = (TVector*)products + x * stride;
            WinogradTile.TransformOutput<T, TVector>(column, WinogradTile.Inputs * stride, lines + x, WinogradTile.Inputs);
        }

        var bias = *(TVector*)(Bias + filter);
        var least = T.Create(IsRectified ? 0 : float.NegativeInfinity);
        var rows = Math.Min(WinogradTile.Outputs, OutputHeight - top);
        var columns = Math.Min(WinogradTile.Outputs, OutputWidth - left);
        nint step = Lanes / T.Count;
        var map = (TVector*)Map(Output, image, Filters, filter, OutputHeight * OutputWidth);
        var to = map + ((long)top * OutputWidth + left) * step;
        for (var y = 0; y < rows; y++, to += OutputWidth * step)
        {
            WinogradTile.TransformOutput<T, TVector>(lines + y * WinogradTile.Inputs, 1, outputs, 1);
            for (var x = 0; x < columns; x++)
                to[x * step] = T.AtLeast(least, T.Add(outputs[x], bias));
        }
    }

    private readonly (int Image, int Top, int Left) PlaceOf(int tile)
    {
        var (image, place) = Math.DivRem(tile, TilesDown * TilesAcross);
        var (down, across) = Math.DivRem(place, TilesAcross);
        return (image, down * WinogradTile.Outputs, across * WinogradTile.Outputs);
    }
}
