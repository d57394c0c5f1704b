using TransferKit.Imaging.Preprocessing;

namespace TransferKit.OtherEngines;

/// <summary>One way from pictures to the features of a network.</summary>
internal abstract class Contestant(string name) : IDisposable
{
    /// <summary>What everybody takes at once from a folder.</summary>
    public const int FolderBatch = 8;

    public string Name { get; } = name;

    /// <summary>Features of prepared images, one row after the other.</summary>
    public abstract float[] Run(PreparedBatch batch);

    /// <summary>Features of all files of a folder, in the order of their names.</summary>
    public abstract float[][] Extract(string folder);

    public abstract void Dispose();

    protected static string[] FilesOf(string folder) => [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)];
}

/// <summary>The same images as TransferKit takes them and, prepared, as the others take them.</summary>
/// <param name="Count">How many.</param>
/// <param name="Pixels">Shape <c>(n, h, w, 3)</c>, RGB.</param>
/// <param name="Planar">Shape <c>(n, 3, h, w)</c>, after Keras' preprocessing.</param>
internal sealed record PreparedBatch(int Count, byte[] Pixels, float[] Planar);
