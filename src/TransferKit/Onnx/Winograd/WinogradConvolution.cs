using System.Runtime.Intrinsics;

namespace TransferKit.Onnx.Winograd;

/// <summary>
/// One <see cref="WinogradConv2D"/> over a batch, block of tiles by block of tiles: the tiles' inputs are transformed, each of
/// the 36 places is a matrix product of tiles by channels with channels by filters, and the products are
/// transformed into outputs. The items of a stage may run on any threads; a stage begins when the one before it is over.
/// </summary>
internal unsafe struct WinogradConvolution
{
    /// <summary>Filters that a product computes at once.</summary>
    public const int Panel = 64;

    private const int Lanes = 16;
    private const int RowsAtOnce = 6;

    /// <summary>Shape <c>(n, h, w, channels)</c>, or <c>(n, channels, h, w)</c> where <see cref="IsPlanar"/>.</summary>
    public float* Input;

    /// <summary>Shape <c>(36, filters / 64, channels, 64)</c>, transformed.</summary>
    public float* Kernel;

    public float* Bias;

    /// <summary>Shape <c>(n, h, w, filters)</c>, of half the height and width where <see cref="IsPooled"/>.</summary>
    public float* Output;

    public int Images, Height, Width, Channels, Filters;
    public bool IsPlanar, IsPooled;

    private float* _transformed;
    private float* _products;
    private int _first;

    public static bool IsSupported => Vector512.IsHardwareAccelerated;

    /// <summary>Whether an input of so many channels and so many filters are what the loops are written for.</summary>
    public static bool Takes(int channels, int filters, bool isPlanar) =>
        filters % Panel == 0 && (isPlanar ? channels <= Lanes : channels % Lanes == 0);

    /// <summary>Tiles of the block that runs now.</summary>
    public int Count { get; private set; }

    /// <summary>Products of a block, items of <see cref="Multiply"/>.</summary>
    public readonly int Products => WinogradTile.Places * (Filters / Panel);

    /// <summary>How many numbers <see cref="Begin"/> wants to keep between the stages.</summary>
    public readonly int ScratchLength => checked(WinogradTile.Places * PaddedBlock * (PaddedChannels + Filters));

    private readonly int TilesDown => (Height + WinogradTile.Outputs - 1) / WinogradTile.Outputs;
    private readonly int TilesAcross => (Width + WinogradTile.Outputs - 1) / WinogradTile.Outputs;
    private readonly int Tiles => Images * TilesDown * TilesAcross;
    private readonly int PaddedChannels => (Channels + Lanes - 1) / Lanes * Lanes;
    private readonly int PaddedRows => Padded(Count);
    private readonly int PaddedBlock => Padded(Block);

    // Few, so that a block stays in the processor's caches, but more where each has a large kernel to read.
    private readonly int Block
    {
        get
        {
            var most = Math.Max(48, Channels * Filters / 1024);
            var blocks = (Tiles + most - 1) / most;
            return (Tiles + blocks - 1) / blocks;
        }
    }

    public void Begin(float* scratch)
    {
        _transformed = scratch;
        _products = scratch + (long)WinogradTile.Places * PaddedBlock * PaddedChannels;
        (_first, Count) = (0, 0);
    }

    /// <summary>Goes on to the next block; false when there is none.</summary>
    public bool Next()
    {
        _first += Count;
        Count = Math.Min(Block, Tiles - _first);
        return Count > 0;
    }

    /// <summary>The first stage: transforms the inputs of a tile of the block.</summary>
    public readonly void Transform(int tile)
    {
        var (image, top, left) = PlaceOf(tile);
        (top, left) = (top - 1, left - 1);
        var tileInput = stackalloc Vector512<float>[WinogradTile.Places];
        for (var channel = 0; channel < PaddedChannels; channel += Lanes)
        {
            for (var i = 0; i < WinogradTile.Places; i++)
            {
                var (row, column) = (top + i / WinogradTile.Inputs, left + i % WinogradTile.Inputs);
                tileInput[i] = (uint)row < (uint)Height && (uint)column < (uint)Width ? Load(image, row, column, channel) : Vector512<float>.Zero;
            }
            for (var i = 0; i < WinogradTile.Inputs; i++)
                WinogradTile.TransformInput(ref tileInput[i], WinogradTile.Inputs);
            for (var i = 0; i < WinogradTile.Inputs; i++)
                WinogradTile.TransformInput(ref tileInput[i * WinogradTile.Inputs], 1);
            for (var i = 0; i < WinogradTile.Places; i++)
                tileInput[i].Store(_transformed + ((long)i * PaddedRows + tile) * PaddedChannels + channel);
        }
    }

    /// <summary>The second stage: one place's product for 64 filters and all tiles of the block.</summary>
    public readonly void Multiply(int item)
    {
        var (place, panel) = (item / (Filters / Panel), item % (Filters / Panel));
        var kernel = Kernel + (long)item * Channels * Panel;
        for (var row = 0; row < PaddedRows; row += RowsAtOnce)
        {
            WinogradProduct.Run(
                _transformed + ((long)place * PaddedRows + row) * PaddedChannels, PaddedChannels, kernel, Channels,
                _products + ((long)place * PaddedRows + row) * Filters + panel * Panel, Filters);
        }
    }

    /// <summary>The third stage: transforms the products of a tile into outputs, with bias, ReLU and maximum.</summary>
    public readonly void Collect(int tile)
    {
        var (image, top, left) = PlaceOf(tile);
        var products = stackalloc Vector512<float>[WinogradTile.Places];
        var lines = stackalloc Vector512<float>[WinogradTile.Outputs * WinogradTile.Inputs];
        var outputs = stackalloc Vector512<float>[WinogradTile.Outputs * WinogradTile.Outputs];
        for (var filter = 0; filter < Filters; filter += Lanes)
        {
            for (var i = 0; i < WinogradTile.Places; i++)
                products[i] = Vector512.Load(_products + ((long)i * PaddedRows + tile) * Filters + filter);
            for (var i = 0; i < WinogradTile.Inputs; i++)
                WinogradTile.TransformOutput(ref products[i], WinogradTile.Inputs, ref lines[i], WinogradTile.Inputs);
            for (var i = 0; i < WinogradTile.Outputs; i++)
                WinogradTile.TransformOutput(ref lines[i * WinogradTile.Inputs], 1, ref outputs[i * WinogradTile.Outputs], 1);
            if (IsPooled)
                StorePooled(outputs, image, top / 2, left / 2, filter);
            else
                Store(outputs, image, top, left, filter);
        }
    }

    private readonly void Store(Vector512<float>* outputs, int image, int top, int left, int filter)
    {
        var bias = Vector512.Load(Bias + filter);
        var (rows, columns) = (Math.Min(WinogradTile.Outputs, Height - top), Math.Min(WinogradTile.Outputs, Width - left));
        for (var y = 0; y < rows; y++)
        {
            for (var x = 0; x < columns; x++)
                Vector512.Max(outputs[y * WinogradTile.Outputs + x] + bias, Vector512<float>.Zero).Store(At(image, top + y, left + x, Height, Width) + filter);
        }
    }

    private readonly void StorePooled(Vector512<float>* outputs, int image, int top, int left, int filter)
    {
        var bias = Vector512.Load(Bias + filter);
        var (height, width) = (Height / 2, Width / 2);
        var (rows, columns) = (Math.Min(WinogradTile.Outputs / 2, height - top), Math.Min(WinogradTile.Outputs / 2, width - left));
        for (var y = 0; y < rows; y++)
        {
            for (var x = 0; x < columns; x++)
            {
                var window = outputs + 2 * (y * WinogradTile.Outputs + x);
                var largest = Vector512.Max(Vector512.Max(window[0], window[1]), Vector512.Max(window[WinogradTile.Outputs], window[WinogradTile.Outputs + 1]));
                Vector512.Max(largest + bias, Vector512<float>.Zero).Store(At(image, top + y, left + x, height, width) + filter);
            }
        }
    }

    private readonly float* At(int image, int row, int column, int height, int width) =>
        Output + (((long)image * height + row) * width + column) * Filters;

    private readonly Vector512<float> Load(int image, int row, int column, int channel)
    {
        if (!IsPlanar)
            return Vector512.Load(Input + (((long)image * Height + row) * Width + column) * Channels + channel);
        var values = Vector512<float>.Zero;
        for (var c = 0; c < Channels; c++)
            values = values.WithElement(c, Input[(((long)image * Channels + c) * Height + row) * Width + column]);
        return values;
    }

    private readonly (int Image, int Top, int Left) PlaceOf(int tile)
    {
        var (image, place) = Math.DivRem(_first + tile, TilesDown * TilesAcross);
        var (down, across) = Math.DivRem(place, TilesAcross);
        return (image, down * WinogradTile.Outputs, across * WinogradTile.Outputs);
    }

    private static int Padded(int tiles) => (tiles + RowsAtOnce - 1) / RowsAtOnce * RowsAtOnce;
}
