namespace TransferKit.Engine;

/// <summary>
/// The images of one run, which the engine asks for a few at a time, maybe from several threads: so a batch is never prepared, nor
/// held, as a whole.
/// </summary>
internal interface IImageBatch
{
    int Count { get; }

    /// <summary>Writes the images from <paramref name="first"/> on, preprocessed, as count, channels, h, w.</summary>
    void Read(int first, int count, Span<float> planar);
}
