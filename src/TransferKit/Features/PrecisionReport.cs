using System.Numerics.Tensors;

namespace TransferKit;

/// <summary>How near one backbone's features come to another's, such as int8's to those in floats.</summary>
public sealed class PrecisionReport
{
    private PrecisionReport(IReadOnlyList<double> cosines, double top1) => (Cosines, Top1Agreement) = (cosines, top1);

    /// <summary>How many images were compared.</summary>
    public int Images => Cosines.Count;

    /// <summary>The cosine similarity of both features of each image, in the order of their paths; 1 where they point the same way.</summary>
    public IReadOnlyList<double> Cosines { get; }

    /// <summary>The mean of <see cref="Cosines"/>.</summary>
    public double MeanCosine => Cosines.Average();

    /// <summary>The least of <see cref="Cosines"/>.</summary>
    public double LeastCosine => Cosines.Min();

    /// <summary>
    /// For how many of the images, of 1, both give the greatest number in the same place: with a classifier, the same class.
    /// </summary>
    public double Top1Agreement { get; }

    /// <summary>Runs both on the images of a folder and of those below it; files that are no readable image are passed over.</summary>
    /// <param name="reference">The backbone that is right, in floats.</param>
    /// <param name="other">The backbone that is to be like it, of the same input size and output.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="images">How files are decoded and resized; as <paramref name="reference"/> does when left out.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="ArgumentException">The backbones have different input sizes or outputs, or several.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="NoImagesException">It holds no readable image.</exception>
    public static PrecisionReport Compare(
        IBackbone reference, IBackbone other, string folder, ImageLoadOptions? images = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(other);
        if (reference.InputSize != other.InputSize || !reference.Outputs[0].Shape.SequenceEqual(other.Outputs[0].Shape))
            throw new ArgumentException($"{reference} and {other} cannot be compared: their input sizes or outputs differ.", nameof(other));

        var settings = new FeatureExtractorOptions { Recursive = true, Images = images ?? reference.Images };
        var expected = new FeatureExtractor(reference, settings).Extract(folder, cancellationToken: cancellationToken);
        var found = new FeatureExtractor(other, settings).Extract(folder, cancellationToken: cancellationToken);
        var (cosines, same) = (new List<double>(), 0);
        foreach (var row in expected.Values.Where(r => !r.IsSkipped))
        {
            var a = row.Features.Span;
            var b = found[row.Path].Features.Span;
            cosines.Add(TensorPrimitives.CosineSimilarity(a, b));
            same += TensorPrimitives.IndexOfMax(a) == TensorPrimitives.IndexOfMax(b) ? 1 : 0;
        }
        return cosines.Count > 0 ? new(cosines, same / (double)cosines.Count) : throw NoImagesException.NoneReadable(folder);
    }

    /// <summary>As <c>20 images, cosine 0.9895 (least 0.9502), top-1 100.0 %</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Images} images, cosine {MeanCosine:0.0000} (least {LeastCosine:0.0000}), top-1 {100 * Top1Agreement:0.0} %");
}
