namespace TransferKit.Imaging.Resizing;

/// <summary>The inner loops of <see cref="Resampler{TKernel}"/>, once for each kind of processor; all give the same bytes.</summary>
internal unsafe interface IResampleKernel
{
    /// <summary>Lays weights out the way this kernel reads them.</summary>
    static abstract PackedWeights Pack(ResampleWeights weights);

    /// <summary>
    /// Resizes each of <paramref name="rows"/> RGB rows across. May read 16 bytes past the end of a row of
    /// <paramref name="source"/>, and write 4 past the end of a row of <paramref name="target"/>.
    /// </summary>
    static abstract void Columns(
        byte* source, nint stride, int rows, PackedWeights weights, byte* target, nint targetStride);

    /// <summary>
    /// Mixes source rows, from <paramref name="source"/> on, into output row <paramref name="index"/>; touches nothing
    /// outside the first <paramref name="length"/> bytes of a row.
    /// </summary>
    static abstract void Row(
        byte* source, nint stride, PackedWeights weights, int index, byte* target, int length);
}
