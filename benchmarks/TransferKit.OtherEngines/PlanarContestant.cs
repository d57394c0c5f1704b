using SkiaSharp;
using TransferKit.Backbones;

namespace TransferKit.OtherEngines;

/// <summary>
/// An engine that takes prepared planes, and what one writes around it for a folder: files are read one after the other,
/// or a batch of them at once (<c>Parallel.For</c>), and then run together.
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

    /// <summary>A file as prepared planes: by SkiaSharp, where the engine has no image functions of its own.</summary>
    protected virtual void Read(string file, Span<float> planar)
    {
        using var decoded = SKBitmap.Decode(file);
        using var resized = decoded.Resize(
            new SKImageInfo(Network.Width, Network.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        var rgba = resized.GetPixelSpan();
        var rgb = new byte[Network.ImageLength];
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
            rgba.Slice(from, 3).CopyTo(rgb.AsSpan(to));
        Network.Prepare(rgb, planar, 1);
    }
}
