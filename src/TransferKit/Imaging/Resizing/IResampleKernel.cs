namespace TransferKit.Imaging.Resizing;

/// <summary>
/// Provides the inner loops of <see cref="Resampler{TKernel}"/> for one kind of processor. All kernels give the same bytes.
/// </summary>
internal unsafe interface IResampleKernel
{
    /// <summary>Converts weights to the layout of this kernel.</summary>
    static abstract PackedWeights Pack(ResampleWeights weights);

    /// <summary>
    /// Resizes each of <paramref name="rows"/> RGB rows in width. It may read 16 bytes past the end of a row of <paramref name="source"/>
    /// and write 4 past the end of a row of <paramref name="target"/>.
    /// </summary>
    static abstract void Columns(
        byte* source, nint stride, int rows, PackedWeights weights, byte* target, nint targetStride);

    /// <summary>
    /// Mixes source rows, from <paramref name="source"/> on, into output row <paramref name="index"/>. Within each row, it accesses only
    /// the first <paramref name="length"/> bytes.
    /// </summary>
    static abstract void Row(
        byte* source, nint stride, PackedWeights weights, int index, byte* target, int length);
}
