using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Operators;

/// <summary>
/// A 3x3 convolution of stride 1, with bias and optional ReLU, over maps in ONNX Runtime's blocks of 16 channels. Tiles are computed
/// chunk by chunk, in two stages whose items may run on any threads. The first stage transforms the inputs of the tiles. The second
/// computes a matrix product for each of the 36 places and transforms the products into outputs.
/// </summary>
internal unsafe struct WinogradConvolution
{
    /// <summary>The number of channels of a block, which is the number of floats of a vector.</summary>
    public const int Lanes = 16;

    /// <summary>The number of filters of an item of the second stage.</summary>
    public const int Panel = 32;

    // Each panel reads the rows of each block, so a block must fit into the cache. Blocks are smaller only if there would otherwise
    // be too few items for the threads.
    private const int LargestBlock = 24;
    private const int ItemsForThread = 4;

    // The transformed inputs of a chunk should stay in the cores' caches. Each chunk reads the whole kernel, so larger kernels get
    // larger chunks, up to a bound.
    private const long ChunkBytesOfThread = 512 << 10;
    private const long LargestKernelBytes = 4 << 20;
    private const int CacheLine = 64;

    /// <summary>The input map of shape <c>(n, channels / 16, h, w, 16)</c>.</summary>
    public float* Input;

    /// <summary>The transformed kernel, in the layout of <see cref="WinogradKernel"/>.</summary>
    public float* Kernel;

    public float* Bias;

    /// <summary>The output map of shape <c>(n, filters / 16, h, w, 16)</c>.</summary>
    public float* Output;

    /// <summary>The width of the zero padding on each side, 0 or 1.</summary>
    public int Padding;

    public int Images, Height, Width, Channels, Filters;
    public bool IsRectified;

    private float* _transformed;
    private int _first, _count, _block, _blocks, _chunk;

    public static bool IsSupported => Vector512.IsHardwareAccelerated;

    public readonly int OutputHeight => OutputsOf(Height, Padding);
    public readonly int OutputWidth => OutputsOf(Width, Padding);

    /// <summary>The number of items of <see cref="Transform"/> in the current chunk.</summary>
    public readonly int Transforms => _blocks * (Channels / Lanes);

    /// <summary>The number of items of <see cref="Multiply"/> in the current chunk.</summary>
    public readonly int Products => _blocks * (Filters / Panel);

    private readonly int TilesDown => TilesOf(OutputHeight);
    private readonly int TilesAcross => TilesOf(OutputWidth);
    private readonly int Tiles => checked(Images * TilesDown * TilesAcross);
    private readonly int BlockLength => WinogradTile.Places * _block * Channels;

    public static int OutputsOf(int inputs, int padding) => inputs + 2 * padding - 2;

    public static int TilesOf(int outputs) => Quotient(outputs, WinogradTile.Outputs);

    /// <summary>Divides the work into blocks and chunks. Returns the number of floats of <see cref="Begin"/>'s memory.</summary>
    public int Divide(int threads)
    {
        _block = LargestBlock;
        while (_block > WinogradProduct.Rows && Quotient(Tiles, _block) * (Filters / Panel) < threads * ItemsForThread)
            _block -= WinogradProduct.Rows;
        var blocks = Quotient(Tiles, _block);
        var kernelBytes = (long)WinogradTile.Places * Channels * Filters * sizeof(float);
        var chunkBytes = Math.Max(threads * ChunkBytesOfThread, Math.Min(kernelBytes, LargestKernelBytes));
        var fitting = (int)Math.Max(1, chunkBytes / sizeof(float) / BlockLength);
        var blocksOfChunk = Quotient(blocks, Quotient(blocks, fitting));
        _chunk = blocksOfChunk * _block;
        return checked(blocksOfChunk * BlockLength);
    }

    public void Begin(float* scratch) => _transformed = scratch;

    /// <summary>Moves to the next chunk; returns false if there is none.</summary>
    public bool Next()
    {
        _first += _count;
        _count = Math.Min(_chunk, Tiles - _first);
        _blocks = Quotient(_count, _block);
        return _count > 0;
    }

    /// <summary>Runs an item of the first stage, which transforms the inputs of a block of tiles in 16 channels.</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Transform(int item)
    {
        var (channelBlock, block) = Math.DivRem(item, _blocks);
        var channel = channelBlock * Lanes;
        var columns = stackalloc Vector512<float>[WinogradTile.Places];
        var framed = stackalloc Vector512<float>[WinogradTile.Places];
        var to = _transformed + (long)block * BlockLength + channel;
        nint toStride = _block * Channels / Lanes;
        for (var tile = block * _block; tile < Math.Min((block + 1) * _block, _count); tile++, to += Channels)
        {
            var (image, top, left) = PlaceOf(tile);
            (top, left) = (top - Padding, left - Padding);
            var from = (Vector512<float>*)(Input + ((long)image * Channels + channel) * Height * Width) + (long)top * Width + left;
            nint stride = Width;
            if (top < 0 || left < 0 || top + WinogradTile.Inputs > Height || left + WinogradTile.Inputs > Width)
            {
                Frame(from, top, left, framed);
                from = framed;
                stride = WinogradTile.Inputs;
            }
            for (var x = 0; x < WinogradTile.Inputs; x++)
                WinogradTile.TransformInput(from + x, stride, columns + x, WinogradTile.Inputs);
            for (var y = 0; y < WinogradTile.Inputs; y++)
            {
                var line = (Vector512<float>*)to + y * WinogradTile.Inputs * toStride;
                WinogradTile.TransformInput(columns + y * WinogradTile.Inputs, 1, line, toStride);
            }
        }
    }

    /// <summary>Runs an item of the second stage, which computes the outputs of a block of tiles for 32 filters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Multiply(int item)
    {
        var (panel, block) = Math.DivRem(item, _blocks);
        var rows = _transformed + (long)block * BlockLength;
        var kernel = Kernel + (long)panel * WinogradTile.Places * Channels * Panel;
        var tiles = Math.Min(_block, _count - block * _block);
        var length = WinogradTile.Places * _block * Panel;
        var scratch = ArrayPool<float>.Shared.Rent(length + CacheLine / sizeof(float));
        fixed (float* memory = scratch)
        {
            var products = Aligned(memory);
            for (var place = 0; place < WinogradTile.Places; place++, kernel += Channels * Panel)
            {
                for (var tile = 0; tile < tiles; tile += WinogradProduct.Rows)
                {
                    var row = place * _block + tile;
                    WinogradProduct.Run(rows + (long)row * Channels, Channels, kernel, products + row * Panel);
                }
            }
            for (var filter = 0; filter < Panel; filter += Lanes)
            {
                for (var tile = 0; tile < tiles; tile++)
                    Collect(products + tile * Panel + filter, block * _block + tile, panel * Panel + filter);
            }
        }
        ArrayPool<float>.Shared.Return(scratch);
    }

    /// <summary>Rounds an address up to a cache line, because vectors that cross two lines load more slowly.</summary>
    public static float* Aligned(float* memory) => (float*)(((nint)memory + CacheLine - 1) & -CacheLine);

    // Copies the inputs of a tile that reaches over the edge of the map, with zeros outside.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Frame(Vector512<float>* from, int top, int left, Vector512<float>* framed)
    {
        for (var y = 0; y < WinogradTile.Inputs; y++)
        {
            for (var x = 0; x < WinogradTile.Inputs; x++)
            {
                framed[y * WinogradTile.Inputs + x] = (uint)(top + y) < (uint)Height && (uint)(left + x) < (uint)Width
                    ? from[(long)y * Width + x]
                    : Vector512<float>.Zero;
            }
        }
    }

    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Collect(float* products, int tile, int filter)
    {
        var (image, top, left) = PlaceOf(tile);
        var lines = stackalloc Vector512<float>[WinogradTile.Outputs * WinogradTile.Inputs];
        var outputs = stackalloc Vector512<float>[WinogradTile.Outputs];
        nint stride = _block * Panel / Lanes;
        for (var x = 0; x < WinogradTile.Inputs; x++)
        {
            var column = (Vector512<float>*)products + x * stride;
            WinogradTile.TransformOutput(column, WinogradTile.Inputs * stride, lines + x, WinogradTile.Inputs);
        }

        var bias = Vector512.Load(Bias + filter);
        var least = IsRectified ? Vector512<float>.Zero : Vector512.Create(float.NegativeInfinity);
        var rows = Math.Min(WinogradTile.Outputs, OutputHeight - top);
        var columns = Math.Min(WinogradTile.Outputs, OutputWidth - left);
        var map = (Vector512<float>*)(Output + ((long)image * Filters + filter) * OutputHeight * OutputWidth);
        var to = map + (long)top * OutputWidth + left;
        for (var y = 0; y < rows; y++, to += OutputWidth)
        {
            WinogradTile.TransformOutput(lines + y * WinogradTile.Inputs, 1, outputs, 1);
            for (var x = 0; x < columns; x++)
                to[x] = Vector512.Max(outputs[x] + bias, least);
        }
    }

    private readonly (int Image, int Top, int Left) PlaceOf(int tile)
    {
        var (image, place) = Math.DivRem(_first + tile, TilesDown * TilesAcross);
        var (down, across) = Math.DivRem(place, TilesAcross);
        return (image, down * WinogradTile.Outputs, across * WinogradTile.Outputs);
    }

    private static int Quotient(int number, int divisor) => (number + divisor - 1) / divisor;
}
