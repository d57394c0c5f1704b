namespace TransferKit.Imaging.Jpeg;

/// <summary>Reads the coefficients of a block in one of the codings of scans.</summary>
/// <remarks>
/// Here and in later stages, loops over samples are compiled with full optimization at once. Programs that decode few pictures would
/// otherwise never run the optimized code, and vectors are slowest before it.
/// </remarks>
internal unsafe interface IBlockCoding
{
    /// <summary>
    /// Gets whether a block among those without codes of their own has no bits at all. Such blocks are not read.
    /// </summary>
    static abstract bool HasNoBits(in JpegScanHeader scan, JpegComponent component, short* block);

    /// <param name="reader">Reader at the start of a block.</param>
    /// <param name="scan">Header with the scan's range of coefficients and bits.</param>
    /// <param name="component">Component of the block.</param>
    /// <param name="block">The block's 64 coefficients, row by row.</param>
    /// <param name="blocksToEnd">Number of further blocks without codes of their own.</param>
    /// <returns>False if the data are invalid.</returns>
    static abstract bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd);
}
