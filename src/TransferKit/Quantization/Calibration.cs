using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TransferKit.Imaging;

namespace TransferKit;

/// <summary>
/// The images from which <see cref="Precision.Int8"/> learns which numbers flow through a backbone, and how it does. A hundred images like
/// those that it will see are enough; they need no labels.
/// </summary>
public sealed record Calibration
{
    private readonly IReadOnlyList<RgbImage> _images = [];

    private ImageLoadOptions Preparation => Images ?? ImageLoadOptions.Default;

    /// <summary>Initializes a calibration for configuration, which names a <see cref="Directory"/>. In code, see <see cref="Folder"/> and <see cref="Of"/>.</summary>
    public Calibration()
    {
    }

    private Calibration(IReadOnlyList<RgbImage> images) => _images = images;

    /// <summary>
    /// Gets the full path of the folder of images; those of the folders below it count too. A relative path is taken from the current directory.
    /// Null for images in memory.
    /// </summary>
    public string? Directory { get; init => field = value is null ? null : Path.GetFullPath(value); }

    /// <summary>How ranges follow from what was seen; by percentile unless said otherwise.</summary>
    public CalibrationMethod Method { get; init; } = CalibrationMethod.Percentile;

    /// <summary>How many images are used at most, 1 or more; of a folder with more, every n-th in the order of their paths.</summary>
    public int MaxImages { get; init; } = 100;

    /// <summary>
    /// How files are decoded and resized. Null, the default, means as <see cref="BackboneOptions.Images"/> says: with another
    /// preparation than in later use, ranges would be those of other pictures.
    /// </summary>
    public ImageLoadOptions? Images { get; init; }

    /// <summary>
    /// How near the features of the calibration images are to come to those in floats: the mean cosine similarity, 0 to 1. Where
    /// bytes do not reach it, the layers that hurt most stay in floats, up to half of them; 0 keeps none.
    /// <see cref="PrecisionReport.Compare"/> tells how near they came.
    /// </summary>
    public double MinimumCosine { get; init; } = 0.98;

    /// <summary>Told of the part of the calibration that is done, from 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>The images of a folder and of those below it; files that are no readable image are passed over.</summary>
    /// <param name="path">The folder; a relative path is taken from the current directory now.</param>
    public static Calibration Folder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new() { Directory = path };
    }

    /// <summary>Images that are in memory, of any size.</summary>
    /// <param name="images">At least one.</param>
    public static Calibration Of(IEnumerable<RgbImage> images)
    {
        RgbImage[] all = [.. images];
        return all.Length > 0 ? new(all) : throw new ArgumentException("There is no image to calibrate with.", nameof(images));
    }

    /// <summary>The images at a backbone's input size.</summary>
    /// <exception cref="NoImagesException">There is none.</exception>
    internal List<RgbImage> Load(ImageSize size, CancellationToken cancellation)
    {
        if (Directory is null)
            return [.. Chosen(_images).Select(i => i.Resize(size.Width, size.Height, Preparation.Interpolation))];
        var (images, fitting) = (new List<RgbImage>(), Preparation.FittingTo(size));
        foreach (var path in Files())
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                images.Add(RgbImage.FromRgb24(size.Width, size.Height, fitting.Load(path, cancellation)));
            }
            catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
            {
            }
        }
        return images.Count > 0 ? images : throw NoImagesException.NoneReadable(Directory);
    }

    /// <summary>Changes whenever the result may: the images' bytes and all settings.</summary>
    internal string Fingerprint(CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (Directory is null)
        {
            foreach (var image in Chosen(_images))
                {
                hash.AppendData(MemoryMarshal.AsBytes([image.Width, image.Height]));
                hash.AppendData(image.Pixels.Span);
            }
        }
        else
        {
            foreach (var path in Files())
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    using var file = File.OpenRead(path);
                    hash.AppendData(SHA256.HashData(file));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                }
            }
        }
        var images = Preparation;
        return string.Create(CultureInfo.InvariantCulture,
            $"{Method} {MaxImages} {MinimumCosine:R} {images.Interpolation} {images.Decode} {images.Decoder.GetType()} {Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }

    /// <summary>Each problem as a sentence.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Directory is null == (_images.Count == 0))
            yield return "Calibration needs images: either a Directory or Calibration.Of, not both.";
        if (!Enum.IsDefined(Method))
            yield return $"Calibration.Method is {Method}; it must be MinMax, Percentile or Entropy.";
        if (MaxImages < 1)
            yield return $"Calibration.MaxImages is {MaxImages}; it must be at least 1.";
        if (MinimumCosine is not (>= 0 and <= 1))
            yield return string.Create(CultureInfo.InvariantCulture, $"Calibration.MinimumCosine is {MinimumCosine}; it must be from 0 to 1.");
    }

    private IEnumerable<string> Files() =>
        Chosen([.. FolderListing.Of(Directory!, recursive: true).Where(f => f.Error is null)]).Select(f => Path.Combine(Directory!, f.Path));

    // Every n-th: the first ones of class folders are all of one class.
    private IEnumerable<T> Chosen<T>(IReadOnlyList<T> all)
    {
        var count = Math.Min(MaxImages, all.Count);
        return Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)]);
    }
}
