using SkiaSharp;
using TransferKit.Backbones;

namespace TransferKit.OtherEngines;

/// <summary>
/// Represents an engine with preprocessed planes as its input. For a folder, user code around it reads the files of a batch
/// in sequence or in parallel (<c>Parallel.For</c>), and then runs them together.
/// </summary>
internal abstract class PlanarContestant(string name, Network network, bool readsInParallel)
    : Contestant(readsInParallel ? $"{name}, files read in parallel" : name)
{
    protected Network Network { get; } = network;

    protected abstract float[] Run(float[] planar, int count);

    public override float[] Run(PreparedBatch batch) => Run(batch.Planar, batch.Count);

    public override float[][] Extract(string folder)
    {
        var features = new List<float[]>();
        foreach (var files in FilesOf(folder).Chunk(FolderBatch))
        {
            var planar = new float[files.Length * Network.ImageLength];
            void ReadOne(int i) => Read(files[i], planar.AsSpan(i * Network.ImageLength, Network.ImageLength));
            if (readsInParallel)
            {
                Parallel.For(0, files.Length, ReadOne);
            }
            else
            {
                for (var i = 0; i < files.Length; i++)
                    ReadOne(i);
            }
            var rows = Run(planar, files.Length);
            features.AddRange(rows.Chunk(rows.Length / files.Length));
        }
        return [.. features];
    }

    /// <summary>Reads a file as preprocessed planes, with SkiaSharp unless the engine has image functions.</summary>
    protected virtual void Read(string file, Span<float> planar)
    {
        using var decoded = SKBitmap.Decode(file);
        using var resized = decoded.Resize(
            new SKImageInfo(Network.Width, Network.Height, SKColorType.Rgba8888, SKAlphaType.Opaque),
            new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        var rgba = resized.GetPixelSpan();
        var rgb = new byte[Network.ImageLength];
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
            rgba.Slice(from, 3).CopyTo(rgb.AsSpan(to));
        Network.Prepare(rgb, planar, 1);
    }
}
