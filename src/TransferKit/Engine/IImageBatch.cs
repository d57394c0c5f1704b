namespace TransferKit.Engine;

/// <summary>
/// The images of one run. The engine reads them slice by slice, possibly from several threads, so that no batch is ever in memory
/// as a whole.
/// </summary>
internal interface IImageBatch
{
    int Count { get; }

    /// <summary>Writes the images from <paramref name="first"/> on, preprocessed, in the order image, channel, row, column.</summary>
    void Read(int first, int count, Span<float> planar);
}
