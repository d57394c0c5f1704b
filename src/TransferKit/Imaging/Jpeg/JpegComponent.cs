using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Represents a component of a picture: its size, its tables, and the memory of its coefficients and samples. The object is reused for one
/// picture after another.
/// </summary>
internal sealed unsafe class JpegComponent
{
    private int _rowsOfMcus;

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
        (2 * JpegMemory.Rounded(sizeof(HuffmanTable))) + JpegMemory.Rounded(sizeof(Quantiser))
        + JpegMemory.Rounded(BlockBytes) + JpegMemory.Rounded(SampleBytes);

    /// <summary>Gets the coefficients, 64 for each block.</summary>
    public short* Blocks { get; private set; }

    /// <summary>
    /// Gets the first sample of a row of MCUs. There is one row above it, one below all of them, and a margin on either side.
    /// </summary>
    public byte* Samples { get; private set; }

    public Quantiser* Quantisers { get; private set; }

    public HuffmanTable* Dc { get; private set; }

    public HuffmanTable* Ac { get; private set; }

    /// <summary>Gets or sets the last block's DC coefficient, to which the next one is relative.</summary>
    public int Predictor { get; set; }

    private long BlockBytes => (long)_rowsOfMcus * Vertical * BlockStride * 64 * sizeof(short);

    private long SampleBytes => (((long)BlockSize * Vertical) + 2) * SampleStride;

    /// <summary>Resets the component to one of a new picture, as the frame's header describes it.</summary>
    public void Begin(byte id, int horizontal, int vertical, int quantiser) =>
        (Id, Horizontal, Vertical, Quantiser) = (id, horizontal, vertical, quantiser);

    /// <param name="header">Header of the picture.</param>
    /// <param name="rowsOfMcus">Number of rows of MCUs whose coefficients are in memory at once.</param>
    /// <param name="blockSize">Number of samples that a block gives in each direction.</param>
    public void Fit(JpegHeader header, int rowsOfMcus, int blockSize)
    {
        (_rowsOfMcus, BlockSize) = (rowsOfMcus, blockSize);
        Width = SamplesOf(header.Width, Horizontal, header.MostHorizontal);
        Height = SamplesOf(header.Height, Vertical, header.MostVertical);
        BlockStride = ((header.McusAcross * Horizontal) + 1) & ~1;
    }

    public void TakeMemory(ref JpegMemory memory)
    {
        Dc = (HuffmanTable*)memory.Take(sizeof(HuffmanTable));
        Ac = (HuffmanTable*)memory.Take(sizeof(HuffmanTable));
        Quantisers = (Quantiser*)memory.Take(sizeof(Quantiser));
        Blocks = (short*)memory.Take(BlockBytes);
        Samples = memory.Take(SampleBytes) + SampleStride + JpegMemory.Margin;
        // Blocks without data in any scan are zero.
        new Span<byte>(Blocks, (int)BlockBytes).Clear();
    }

    private int SamplesOf(int length, int sampling, int most) =>
        ((length * sampling * BlockSize) + (JpegDraft.Whole * most) - 1) / (JpegDraft.Whole * most);
}
