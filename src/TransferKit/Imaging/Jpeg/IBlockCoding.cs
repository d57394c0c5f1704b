namespace TransferKit.Imaging.Jpeg;

/// <summary>One of the ways in which a scan brings the coefficients of a block.</summary>
/// <remarks>
/// Here and in what comes after, loops over samples are compiled in full right away: of a few pictures none would see them fast
/// otherwise, and vectors are slowest of all until then.
/// </remarks>
internal unsafe interface IBlockCoding
{
    /// <param name="reader">Where a block may begin.</param>
    /// <param name="scan">Which coefficients and bits come.</param>
    /// <param name="component">Whose block it is.</param>
    /// <param name="block">Its 64 coefficients: row by row of a sequential picture, in the order in which they come of a progressive one.</param>
    /// <param name="blocksToEnd">How many blocks more have no codes of their own.</param>
    /// <returns>False when the data make no sense.</returns>
    static abstract bool Read(ref EntropyReader reader, in JpegScanHeader scan, JpegComponent component, short* block, ref int blocksToEnd);
}
