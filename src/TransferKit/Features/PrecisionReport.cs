using System.Numerics.Tensors;

namespace TransferKit;

/// <summary>Compares the features of two backbones, such as int8 with floats.</summary>
public sealed class PrecisionReport
{
    private PrecisionReport(IReadOnlyList<double> cosines, double top1) => (Cosines, Top1Agreement) = (cosines, top1);

    /// <summary>Gets the number of compared images.</summary>
    public int Images => Cosines.Count;

    /// <summary>Gets the cosine similarity of the features of each image, in the order of paths; 1 means the same direction.</summary>
    public IReadOnlyList<double> Cosines { get; }

    /// <summary>Gets the mean of <see cref="Cosines"/>.</summary>
    public double MeanCosine => Cosines.Average();

    /// <summary>Gets the minimum of <see cref="Cosines"/>.</summary>
    public double LeastCosine => Cosines.Min();

    /// <summary>
    /// Gets the fraction of images, 0..1, whose largest feature has the same index in both: with a classifier, the same class.
    /// </summary>
    public double Top1Agreement { get; }

    /// <summary>Runs both backbones on the images of a folder and its subfolders. Unreadable files are skipped.</summary>
    /// <param name="reference">The backbone to compare with, in floats.</param>
    /// <param name="other">The backbone to compare, of the same input size and output.</param>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="images">The options to decode and resize files with. Defaults to those of <paramref name="reference"/>.</param>
    /// <param name="cancellationToken">Token to cancel the comparison, between batches.</param>
    /// <exception cref="ArgumentException">The backbones have different input sizes or outputs, or several outputs.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="NoImagesException">The folder has no readable image.</exception>
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

    /// <summary>Returns the summary <c>20 images, cosine 0.9895 (least 0.9502), top-1 100.0 %</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Images} images, cosine {MeanCosine:0.0000} (least {LeastCosine:0.0000}), top-1 {100 * Top1Agreement:0.0} %");
}
