using OpenCvSharp;
using OpenCvSharp.Dnn;
using TransferKit.Backbones;

namespace TransferKit.OtherEngines;

/// <summary>Runs OpenCvSharp: <c>imread</c>, <c>blobFromImage</c> and the module <c>dnn</c>.</summary>
internal sealed class OpenCvContestant(Network network, bool readsInParallel)
    : PlanarContestant("OpenCvSharp dnn", network, readsInParallel)
{
    private readonly Net _net = CvDnn.ReadNetFromOnnx(network.PlainPath)!;

    protected override float[] Run(float[] planar, int count)
    {
        using var blob = Mat.FromPixelData([count, 3, Network.Height, Network.Width], MatType.CV_32F, planar);
        _net.SetInput(blob);
        using var output = _net.Forward();
        var features = new float[output.Total()];
        System.Runtime.InteropServices.Marshal.Copy(output.Data, features, 0, features.Length);
        return features;
    }

    protected override void Read(string file, Span<float> planar)
    {
        using var image = Cv2.ImRead(file);
        var (first, second, third) = (Network.Means[0], Network.Means[1], Network.Means[2]);
        using var blob = CvDnn.BlobFromImage(
            image, Network.Scale, new Size(Network.Width, Network.Height), new Scalar(first, second, third), swapRB: !Network.IsBlueFirst,
            crop: false);
        blob.AsSpan<float>().CopyTo(planar);
    }

    public override void Dispose() => _net.Dispose();
}
