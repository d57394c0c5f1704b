using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TransferKit.Training;

/// <summary>How a folder of images is listed and read.</summary>
public sealed record ImageFolderOptions
{
    /// <summary>
    /// Gets the classes in the order of the outputs. Other classes are ignored, and a class without images is an error.
    /// Defaults to all classes, sorted by name.
    /// </summary>
    public IReadOnlyList<string>? Classes { get; init; }
}

/// <summary>
/// Represents labelled images of a folder with a sub-folder per class (Keras: <c>image_dataset_from_directory</c>), or of
/// a table. The object is immutable and lists files without reading them.
/// </summary>
public sealed class ImageFolder
{
    internal ImageFolder(string source, IReadOnlyList<string> classes, IReadOnlyList<LabelledImage> images)
    {
        (Source, Classes, Images) = (source, classes, images);
        if (images.Count == 0)
        {
            throw new TrainingDataException(
                TrainingDataError.Empty, source, "there are no images. A folder needs a sub-folder of image files for each class.");
        }
    }

    /// <summary>Gets the path of the folder or table.</summary>
    public string Source { get; }

    /// <summary>Gets the names of the classes in the order of the outputs, or the names of the targets for regression.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Gets the images: those of a folder by class and name, those of a table in its order.</summary>
    public IReadOnlyList<LabelledImage> Images { get; }

    /// <summary>Lists a folder with a sub-folder per class, or reads a table.</summary>
    /// <param name="path">
    /// The folder, or a <c>.csv</c> table whose first row names its columns. The first column is the file, relative to the
    /// table. The second holds labels, separated by <c>|</c>. For regression, columns named <c>target…</c> hold numbers instead.
    /// </param>
    /// <param name="options">The classes and their order. Defaults to all classes by name.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="TrainingDataException">There are no images, a class is empty, or the table is malformed.</exception>
    public static ImageFolder Open(string path, ImageFolderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        return Path.GetExtension(full).Equals(".csv", StringComparison.OrdinalIgnoreCase) && File.Exists(full)
            ? LabelTable.Read(full, options?.Classes)
            : ClassFolders.Read(full, options?.Classes);
    }

    /// <summary>
    /// Splits each class separately, so that both parts keep its proportion. The same seed and files give the same split.
    /// </summary>
    /// <param name="validation">The fraction of validation images, over 0 and under 1.</param>
    /// <param name="seed">The seed of the shuffle.</param>
    /// <exception cref="TrainingDataException">A class has too few images for both parts.</exception>
    public (ImageFolder Train, ImageFolder Validation) Split(double validation, int seed = 0)
    {
        if (!(validation is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(validation), validation, "The fraction must be over 0 and under 1.");
        var (train, held) = (new List<LabelledImage>(), new List<LabelledImage>());
        foreach (var group in Images.GroupBy(i => i.Classes.Count == 0 ? -1 : i.Classes[0]).OrderBy(g => g.Key))
        {
            var shuffled = group.ToArray();
            Draw.Shuffle(shuffled, seed, group.Key);
            var count = Math.Max(1, (int)Math.Round(validation * shuffled.Length));
            if (count >= shuffled.Length)
            {
                throw new TrainingDataException(TrainingDataError.EmptyClass, Source,
                    $"the class '{NameOf(group.Key)}' has {shuffled.Length} image(s), too few to split. "
                    + "Add images, or put the validation images into a separate folder.");
            }
            held.AddRange(shuffled[..count]);
            train.AddRange(shuffled[count..]);
        }
        return (With(train), With(held));

        // Sorted by path, so that another split of a part does not depend on this shuffle.
        ImageFolder With(List<LabelledImage> images) => new(Source, Classes, [.. images.OrderBy(i => i.Path, StringComparer.Ordinal)]);
    }

    /// <summary>Gets weights that balance the classes: n / (classes * images of the class), as scikit-learn's "balanced".</summary>
    public IReadOnlyDictionary<string, double> BalancedClassWeights()
    {
        var counts = Counts();
        var labels = counts.Sum();
        return Classes
            .Select((name, c) => (name, weight: counts[c] == 0 ? 1 : (double)labels / (Classes.Count * counts[c])))
            .ToDictionary(c => c.name, c => c.weight);
    }

    /// <summary>Gets the same images with labels as indices into another list of classes, such as a model's.</summary>
    /// <param name="classes">The classes in the order of the outputs.</param>
    /// <exception cref="TrainingDataException">An image has a label that is not in the list.</exception>
    public ImageFolder WithClasses(IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.SequenceEqual(Classes))
            return this;
        var places = classes.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        return new(Source, classes, [.. Images.Select(image => image.With([.. image.Classes.Select(Place)], image.Targets))]);

        int Place(int own) => places.TryGetValue(Classes[own], out var place)
            ? place
            : throw new TrainingDataException(TrainingDataError.UnknownLabel, Source,
                $"the label '{Classes[own]}' is not a class of the model ({string.Join(", ", classes.Take(20))}). "
                + "Train a model with it, or remove its images.");
    }

    /// <summary>Gets the number of images of each class.</summary>
    public IReadOnlyList<int> Counts()
    {
        var counts = new int[Classes.Count];
        foreach (var c in Images.SelectMany(i => i.Classes))
            counts[c]++;
        return counts;
    }

    /// <summary>Returns the path and the size: <c>photos: 898 images of 10 classes</c>.</summary>
    public override string ToString() => $"{Source}: {Images.Count} images of {Classes.Count} classes";

    /// <summary>Gets a hash of paths, order, labels and targets; contents of files are not part of it.</summary>
    internal string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Images.Select(
        i => FormattableString.Invariant($"{i.Path}\t{string.Join(',', i.Classes)}\t{string.Join(',', i.Targets.Select(RoundTrip))}"))))));

    private static string RoundTrip(float number) => number.ToString("R", CultureInfo.InvariantCulture);

    private string NameOf(int c) => c < 0 ? "(no class)" : Classes[c];
}
