using System.Runtime.CompilerServices;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Represents a component of a picture: its size, its tables, and the memory of its coefficients and samples. The object is reused for one
/// picture after another.
/// </summary>
internal sealed unsafe class JpegComponent
{
    private int _rowsOfMcus;
    private bool _isProgressive;
    private HuffmanTable* _dc;
    private HuffmanTable* _ac;
    private CoefficientPairs* _pairs;

    public byte Id { get; private set; }

    /// <summary>Gets the number of blocks of an MCU side by side.</summary>
    public int Horizontal { get; private set; }

    /// <summary>Gets the number of blocks of an MCU one above the other.</summary>
    public int Vertical { get; private set; }

    /// <summary>Gets the number of the quantisation table, 0 to 3.</summary>
    public int Quantiser { get; private set; }

    /// <summary>Gets the number of samples that a block gives in each direction: eight, or fewer for a scaled picture.</summary>
    public int BlockSize { get; private set; }

    /// <summary>Gets the number of samples in a row, without padding.</summary>
    public int Width { get; private set; }

    /// <summary>Gets the number of rows of samples, without padding.</summary>
    public int Height { get; private set; }

    public int BlocksAcross => (Width + BlockSize - 1) / BlockSize;

    public int BlocksDown => (Height + BlockSize - 1) / BlockSize;

    /// <summary>
    /// Gets the number of blocks in a row with padding: whole MCUs, and even, because two blocks are transformed at once.
    /// </summary>
    public int BlockStride { get; private set; }

    /// <summary>Gets the distance between rows of samples in bytes.</summary>
    public int SampleStride => (BlockStride * BlockSize) + (2 * JpegMemory.Margin);

    /// <summary>Gets the number of bytes that the component needs.</summary>
    public long Bytes =>
        (2 * JpegMemory.Rounded(sizeof(HuffmanTable))) + JpegMemory.Rounded(sizeof(CoefficientPairs))
        + JpegMemory.Rounded(sizeof(Quantiser))
        + JpegMemory.Rounded(BlockBytes) + JpegMemory.Rounded(NonZeroBytes) + JpegMemory.Rounded(SampleBytes);

    /// <summary>Gets the coefficients, 64 for each block, whose content is undefined until a scan's first bits are read.</summary>
    public short* Blocks { get; private set; }

    /// <summary>
    /// Gets a mask for each block of a progressive picture, with a bit for each coefficient that is not zero, in zigzag order. Scans that
    /// refine coefficients read the masks, because the coefficients of a picture do not fit the processor's cache.
    /// </summary>
    public ulong* NonZero { get; private set; }

    /// <summary>
    /// Gets the first sample of a row of MCUs. There is one row above it, one below all of them, and a margin on either side.
    /// </summary>
    public byte* Samples { get; private set; }

    public Quantiser* Quantisers { get; private set; }

    public HuffmanTable* Dc { get; private set; }

    public HuffmanTable* Ac { get; private set; }

    /// <summary>Gets the coefficients of sequential scans by the next bits.</summary>
    public CoefficientPairs* Pairs { get; private set; }

    /// <summary>Gets or sets the last block's DC coefficient, to which the next one is relative.</summary>
    public int Predictor { get; set; }

    private long AllBlocks => (long)_rowsOfMcus * Vertical * BlockStride;

    private long BlockBytes => AllBlocks * Coefficients.Count * sizeof(short);

    private long NonZeroBytes => _isProgressive ? AllBlocks * sizeof(ulong) : 0;

    private long SampleBytes => (((long)BlockSize * Vertical) + 2) * SampleStride;

    /// <summary>Resets the component to one of a new picture, as the frame's header describes it.</summary>
    public void Begin(byte id, int horizontal, int vertical, int quantiser) =>
        (Id, Horizontal, Vertical, Quantiser) = (id, horizontal, vertical, quantiser);

    /// <param name="header">Header of the picture.</param>
    /// <param name="rowsOfMcus">Number of rows of MCUs whose coefficients are in memory at once.</param>
    /// <param name="blockSize">Number of samples that a block gives in each direction.</param>
    public void Fit(JpegHeader header, int rowsOfMcus, int blockSize)
    {
        (_rowsOfMcus, _isProgressive, BlockSize) = (rowsOfMcus, header.IsProgressive, blockSize);
        Width = SamplesOf(header.Width, Horizontal, header.MostHorizontal);
        Height = SamplesOf(header.Height, Vertical, header.MostVertical);
        BlockStride = ((header.McusAcross * Horizontal) + 1) & ~1;
    }

    /// <summary>Returns the mask of a block of a progressive picture.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* NonZeroOf(short* block) => NonZero + ((nuint)(block - Blocks) / Coefficients.Count);

    /// <param name="memory">Memory of the picture.</param>
    /// <param name="isDamaged">Whether the scans may leave out blocks of the picture, which are zero.</param>
    public void TakeMemory(ref JpegMemory memory, bool isDamaged)
    {
        _dc = (HuffmanTable*)memory.Take(sizeof(HuffmanTable));
        _ac = (HuffmanTable*)memory.Take(sizeof(HuffmanTable));
        _pairs = (CoefficientPairs*)memory.Take(sizeof(CoefficientPairs));
        Quantisers = (Quantiser*)memory.Take(sizeof(Quantiser));
        Blocks = (short*)memory.Take(BlockBytes);
        NonZero = (ulong*)memory.Take(NonZeroBytes);
        Samples = memory.Take(SampleBytes) + SampleStride + JpegMemory.Margin;
        // Scans of one component leave out the blocks beyond the edges of the picture. All others are cleared when they are first read.
        for (var y = 0; y < _rowsOfMcus * Vertical; y++)
        {
            var from = isDamaged || y >= BlocksDown ? 0 : BlocksAcross;
            var first = Blocks + (Coefficients.Count * (((long)y * BlockStride) + from));
            new Span<short>(first, Coefficients.Count * (BlockStride - from)).Clear();
        }
    }

    /// <summary>Uses the component's own tables in the next scan, which are not built yet.</summary>
    public void UseOwnTables()
    {
        Dc = _dc;
        Ac = _ac;
        Pairs = _pairs;
    }

    /// <summary>Uses the tables of another component in the next scan.</summary>
    public void UseTablesOf(JpegComponent other)
    {
        Dc = other.Dc;
        Ac = other.Ac;
        Pairs = other.Pairs;
    }

    private int SamplesOf(int length, int sampling, int most) =>
        ((length * sampling * BlockSize) + (JpegDraft.Whole * most) - 1) / (JpegDraft.Whole * most);
}
