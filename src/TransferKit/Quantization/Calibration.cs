using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TransferKit.Common;
using TransferKit.Imaging;
using TransferKit.Quantization;

namespace TransferKit;

/// <summary>
/// Represents the images and settings from which <see cref="Precision.Int8"/> determines the ranges of a backbone's values. A hundred
/// images like those of later use are enough; they need no labels.
/// </summary>
public sealed record Calibration
{
    private readonly IReadOnlyList<RgbImage> _images = [];

    private ImageLoadOptions Preparation => Images ?? ImageLoadOptions.Default;

    /// <summary>
    /// Initializes a calibration for a configuration that sets <see cref="Directory"/>. In code, use <see cref="Folder"/> or
    /// <see cref="Of"/>.
    /// </summary>
    public Calibration()
    {
    }

    private Calibration(IReadOnlyList<RgbImage> images) => _images = images;

    /// <summary>
    /// Gets the full path of the folder of images, whose subfolders are included. A relative path is resolved against the current
    /// directory. Null for images in memory.
    /// </summary>
    public string? Directory { get; init => field = value is null ? null : Path.GetFullPath(value); }

    /// <summary>Gets the method that determines ranges. Defaults to <see cref="CalibrationMethod.Percentile"/>.</summary>
    public CalibrationMethod Method { get; init; } = CalibrationMethod.Percentile;

    /// <summary>
    /// Gets the maximum number of images, at least 1. More images are sampled at equal intervals, those of a folder in the order of
    /// their paths. Defaults to 100.
    /// </summary>
    public int MaxImages { get; init; } = 100;

    /// <summary>
    /// Gets the options for decoding and resizing files. They should be those of later use, because the ranges depend on them.
    /// Defaults to <see cref="BackboneOptions.Images"/>.
    /// </summary>
    public ImageLoadOptions? Images { get; init; }

    /// <summary>
    /// Gets the minimum mean cosine similarity, 0 to 1, between the features of the calibration images in int8 and in floats. If int8
    /// does not reach it, the layers that lose most, up to half of all, stay in floats. With 0, none does. Defaults to 0.98.
    /// <see cref="PrecisionReport.Compare"/> measures the similarity.
    /// </summary>
    public double MinimumCosine { get; init; } = 0.98;

    /// <summary>Gets the progress reporter for the completed part of the calibration, from 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Creates a calibration from the images of a folder and its subfolders. Unreadable files are skipped.</summary>
    /// <param name="path">The folder. A relative path is resolved against the current directory.</param>
    public static Calibration Folder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new() { Directory = path };
    }

    /// <summary>Creates a calibration from images in memory, of any size.</summary>
    /// <param name="images">The images, at least one.</param>
    public static Calibration Of(IEnumerable<RgbImage> images)
    {
        RgbImage[] all = [.. images];
        return all.Length > 0
            ? new(all)
            : throw new ArgumentException("There is no image to calibrate with; pass at least one.", nameof(images));
    }

    /// <summary>Loads the images and fits them to a backbone's input size.</summary>
    /// <exception cref="NoImagesException">The folder has no readable image.</exception>
    internal ImageBatch Load(ImageSize size, PreprocessMode preprocess, CancellationToken cancellation)
    {
        var (images, fitting) = (new List<ReadOnlyMemory<byte>>(), Preparation.FittingTo(size));
        if (Directory is null)
            return new([.. Chosen(_images).Select(i => fitting.Fit(i, cancellation))], fitting, preprocess);
        foreach (var path in Files())
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                images.Add(fitting.LoadListed(path, cancellation));
            }
            catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
            {
            }
        }
        return images.Count > 0 ? new(images, fitting, preprocess) : throw NoImagesException.NoneReadable(Directory);
    }

    /// <summary>Hashes the images' bytes and all settings, on which the calibration's result depends.</summary>
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
                    using var file = InputFile.Open(path);
                    hash.AppendData(SHA256.HashData(file));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                }
            }
        }
        var images = Preparation;
        return string.Create(CultureInfo.InvariantCulture,
            $"{Method} {MaxImages} {MinimumCosine:R} {images.Interpolation} {images.Resize} {images.AspectRatio} {images.ColorMode} "
            + $"{images.Decode} {images.Decoder.GetType()} ")
            + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Returns a sentence for each invalid setting.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Directory is null == (_images.Count == 0))
            yield return "Calibration needs images: either a Directory or Calibration.Of, not both.";
        if (!Enum.IsDefined(Method))
            yield return $"Calibration.Method is {Method}; it must be MinMax, Percentile or Entropy.";
        foreach (var problem in Images?.Problems() ?? [])
            yield return $"Calibration.Images: {problem}";
        if (MaxImages < 1)
            yield return $"Calibration.MaxImages is {MaxImages}; it must be at least 1.";
        if (MinimumCosine is not (>= 0 and <= 1))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"Calibration.MinimumCosine is {MinimumCosine}; it must be from 0 to 1.");
        }
    }

    private IEnumerable<string> Files() =>
        Chosen([.. FolderListing.Of(Directory!, recursive: true).Where(f => f.Error is null)])
            .Select(f => Path.Combine(Directory!, f.Path));

    // The images are taken at equal intervals, because the first ones of class folders are all of one class.
    private IEnumerable<T> Chosen<T>(IReadOnlyList<T> all)
    {
        var count = Math.Min(MaxImages, all.Count);
        return Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)]);
    }
}
