using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// One of a picture's channels: its size, its tables, and where its coefficients and samples are while it is decoded. It serves one
/// picture after another.
/// </summary>
internal sealed unsafe class JpegComponent
{
    private int _rowsOfMcus;

    public byte Id { get; private set; }

    /// <summary>Blocks of an MCU side by side.</summary>
    public int Horizontal { get; private set; }

    /// <summary>Blocks of an MCU one above the other.</summary>
    public int Vertical { get; private set; }

    /// <summary>Which of the four quantisation tables.</summary>
    public int Quantiser { get; private set; }

    /// <summary>Samples that are made of a block, in each direction: fewer than eight where the picture is decoded to a part of its size.</summary>
    public int BlockSize { get; private set; }

    /// <summary>Samples in a row that belong to the picture.</summary>
    public int Width { get; private set; }

    /// <summary>Rows of samples that belong to the picture.</summary>
    public int Height { get; private set; }

    public int BlocksAcross => (Width + BlockSize - 1) / BlockSize;

    public int BlocksDown => (Height + BlockSize - 1) / BlockSize;

    /// <summary>Blocks from one row of them to the next: whole MCUs, and an even number, since two are transformed at once.</summary>
    public int BlockStride { get; private set; }

    /// <summary>Bytes from one row of samples to the next.</summary>
    public int SampleStride => (BlockStride * BlockSize) + (2 * JpegMemory.Margin);

    /// <summary>Memory that it takes.</summary>
    public long Bytes =>
        (2 * JpegMemory.Rounded(sizeof(HuffmanTable))) + JpegMemory.Rounded(sizeof(Quantiser)) + JpegMemory.Rounded(BlockBytes) + JpegMemory.Rounded(SampleBytes);

    /// <summary>Coefficients, 64 for each block.</summary>
    public short* Blocks { get; private set; }

    /// <summary>The first sample of a row of MCUs. There is a row above it, one below all of them, and a margin at either side.</summary>
    public byte* Samples { get; private set; }

    public Quantiser* Quantisers { get; private set; }

    public HuffmanTable* Dc { get; private set; }

    public HuffmanTable* Ac { get; private set; }

    /// <summary>The last block's DC coefficient, from which the next one's is told.</summary>
    public int Predictor { get; set; }

    private long BlockBytes => (long)_rowsOfMcus * Vertical * BlockStride * 64 * sizeof(short);

    private long SampleBytes => (((long)BlockSize * Vertical) + 2) * SampleStride;

    /// <summary>Becomes a channel of a picture, as the frame's header describes it.</summary>
    public void Begin(byte id, int horizontal, int vertical, int quantiser) => (Id, Horizontal, Vertical, Quantiser) = (id, horizontal, vertical, quantiser);

    /// <param name="header">The picture.</param>
    /// <param name="rowsOfMcus">Of how many rows of MCUs the coefficients are in memory at once.</param>
    /// <param name="blockSize">Samples that are to be made of a block, in each direction.</param>
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
        // Blocks that no scan brings are zero.
        new Span<byte>(Blocks, (int)BlockBytes).Clear();
    }

    private int SamplesOf(int length, int sampling, int most) => ((length * sampling * BlockSize) + (JpegScale.Whole * most) - 1) / (JpegScale.Whole * most);
}
