using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Operators;

/// <summary>
/// A convolution of 3x3 and stride 1, with bias and maybe ReLU, over maps in ONNX Runtime's blocks of 16 channels. Tiles are
/// worked off chunk by chunk: their inputs are transformed; then each of the 36 places is a matrix product of tiles by channels
/// with channels by filters, and the products are transformed into outputs. The items of a stage may run on any threads; a
/// stage begins when the one before it is over.
/// </summary>
internal unsafe struct WinogradConvolution
{
    /// <summary>Channels of a block, numbers of a vector.</summary>
    public const int Lanes = 16;

    /// <summary>Filters that an item of the second stage computes.</summary>
    public const int Panel = 32;

    // Rows of a block are read once for each panel, and a panel once for each block: both are to be in the processor's
    // caches then. Smaller blocks only where there would be too few items for the threads.
    private const int LargestBlock = 24;
    private const int ItemsForThread = 4;

    // Transformed inputs of a chunk should stay in the cores' caches, but a kernel is read for each chunk: where it is large, so
    // are the chunks, as far as memory allows.
    private const long ChunkBytesOfThread = 512 << 10;
    private const long LargestKernelBytes = 4 << 20;
    private const int CacheLine = 64;

    /// <summary>Shape <c>(n, channels / 16, h, w, 16)</c>.</summary>
    public float* Input;

    /// <summary>Of <see cref="WinogradKernel"/>'s shape.</summary>
    public float* Kernel;

    public float* Bias;

    /// <summary>Shape <c>(n, filters / 16, h, w, 16)</c>.</summary>
    public float* Output;

    /// <summary>Zeros around the input: none or one.</summary>
    public int Padding;

    public int Images, Height, Width, Channels, Filters;
    public bool IsRectified;

    private float* _transformed;
    private int _first, _count, _block, _blocks, _chunk;

    public static bool IsSupported => Vector512.IsHardwareAccelerated;

    public readonly int OutputHeight => OutputsOf(Height, Padding);
    public readonly int OutputWidth => OutputsOf(Width, Padding);

    /// <summary>Items of <see cref="Transform"/>.</summary>
    public readonly int Transforms => _blocks * (Channels / Lanes);

    /// <summary>Items of <see cref="Multiply"/>.</summary>
    public readonly int Products => _blocks * (Filters / Panel);

    private readonly int TilesDown => TilesOf(OutputHeight);
    private readonly int TilesAcross => TilesOf(OutputWidth);
    private readonly int Tiles => checked(Images * TilesDown * TilesAcross);
    private readonly int BlockLength => WinogradTile.Places * _block * Channels;

    public static int OutputsOf(int inputs, int padding) => inputs + 2 * padding - 2;

    public static int TilesOf(int outputs) => Quotient(outputs, WinogradTile.Outputs);

    /// <summary>Divides the work; returns how many numbers <see cref="Begin"/> wants to keep between the stages.</summary>
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

    /// <summary>Goes on to the next chunk; false when there is none.</summary>
    public bool Next()
    {
        _first += _count;
        _count = Math.Min(_chunk, Tiles - _first);
        _blocks = Quotient(_count, _block);
        return _count > 0;
    }

    /// <summary>The first stage: transforms the inputs of a block of tiles in 16 channels.</summary>
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
                WinogradTile.TransformInput(columns + y * WinogradTile.Inputs, 1, (Vector512<float>*)to + y * WinogradTile.Inputs * toStride, toStride);
        }
    }

    /// <summary>The second stage: the products of a block of tiles for 32 filters, transformed into outputs.</summary>
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
                for (var row = 0; row < tiles; row += WinogradProduct.Rows)
                    WinogradProduct.Run(rows + (long)(place * _block + row) * Channels, Channels, kernel, products + (place * _block + row) * Panel);
            }
            for (var filter = 0; filter < Panel; filter += Lanes)
            {
                for (var tile = 0; tile < tiles; tile++)
                    Collect(products + tile * Panel + filter, block * _block + tile, panel * Panel + filter);
            }
        }
        ArrayPool<float>.Shared.Return(scratch);
    }

    /// <summary>The first place of a cache line, at or after this one: vectors that cross lines take twice as long.</summary>
    public static float* Aligned(float* memory) => (float*)(((nint)memory + CacheLine - 1) & -CacheLine);

    // A tile's inputs where some are outside of the map, and zero.
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
            WinogradTile.TransformOutput((Vector512<float>*)products + x * stride, WinogradTile.Inputs * stride, lines + x, WinogradTile.Inputs);

        var bias = Vector512.Load(Bias + filter);
        var least = IsRectified ? Vector512<float>.Zero : Vector512.Create(float.NegativeInfinity);
        var (rows, columns) = (Math.Min(WinogradTile.Outputs, OutputHeight - top), Math.Min(WinogradTile.Outputs, OutputWidth - left));
        var to = (Vector512<float>*)(Output + ((long)image * Filters + filter) * OutputHeight * OutputWidth) + (long)top * OutputWidth + left;
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
