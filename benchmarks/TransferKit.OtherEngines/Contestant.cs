using TransferKit.Imaging.Preprocessing;

namespace TransferKit.OtherEngines;

/// <summary>Represents an engine that computes features of pictures.</summary>
internal abstract class Contestant(string name) : IDisposable
{
    /// <summary>The batch size of every contestant for a folder.</summary>
    public const int FolderBatch = 8;

    public string Name { get; } = name;

    /// <summary>Computes features of preprocessed images, a row per image.</summary>
    public abstract float[] Run(PreparedBatch batch);

    /// <summary>Computes features of all files of a folder, in the order of their names.</summary>
    public abstract float[][] Extract(string folder);

    public abstract void Dispose();

    protected static string[] FilesOf(string folder) => [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)];
}

/// <summary>Represents images both as pixels for TransferKit and preprocessed for the other engines.</summary>
/// <param name="Count">The number of images.</param>
/// <param name="Pixels">The RGB pixels of shape <c>(n, h, w, 3)</c>.</param>
/// <param name="Planar">The floats of shape <c>(n, 3, h, w)</c> after Keras' preprocessing.</param>
internal sealed record PreparedBatch(int Count, byte[] Pixels, float[] Planar);
