using System.Security.Cryptography;
using System.Text;
using TransferKit.Architectures;

namespace TransferKit.Training;

/// <summary>How a folder of images is listed and read.</summary>
public sealed record ImageFolderOptions
{
    /// <summary>
    /// The classes in the order of the outputs; of a folder, its sub-folders by name when left out. Given, only these are
    /// taken, and one without images is an error.
    /// </summary>
    public IReadOnlyList<string>? Classes { get; init; }
}

/// <summary>
/// Labelled images: a folder with a sub-folder for each class (Keras: <c>image_dataset_from_directory</c>), or a table.
/// Files are listed, not read; immutable.
/// </summary>
public sealed class ImageFolder
{
    internal ImageFolder(string source, IReadOnlyList<string> classes, IReadOnlyList<LabelledImage> images)
    {
        (Source, Classes, Images) = (source, classes, images);
        if (images.Count == 0)
            throw new TrainingDataException(TrainingDataError.Empty, source, "there are no images. A folder needs a sub-folder of image files for each class.");
    }

    /// <summary>The folder or table.</summary>
    public string Source { get; }

    /// <summary>The classes' names, in the order of the outputs; for regression, the names of the numbers.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The images, by class and name.</summary>
    public IReadOnlyList<LabelledImage> Images { get; }

    /// <summary>Lists a folder with a sub-folder for each class, or reads a table.</summary>
    /// <param name="path">
    /// A folder; or a <c>.csv</c> whose first row names its columns: the file (relative to the table), then either one
    /// column of labels (several of one image are separated by <c>|</c>) or, where their names start with <c>target</c>,
    /// columns of numbers for regression.
    /// </param>
    /// <param name="options">The classes, where not all are wanted or their order matters.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="TrainingDataException">It holds no images, a class is empty, or the table is malformed.</exception>
    public static ImageFolder Open(string path, ImageFolderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        return Path.GetExtension(full).Equals(".csv", StringComparison.OrdinalIgnoreCase) && File.Exists(full)
            ? LabelTable.Read(full, options?.Classes)
            : OpenFolder(full, options?.Classes);
    }

    /// <summary>
    /// Splits each class by itself, so that both parts keep the proportions. The same seed and files give the same split.
    /// </summary>
    /// <param name="validation">The share that is held back, over 0 and under 1.</param>
    /// <param name="seed">Another seed, another split.</param>
    /// <exception cref="TrainingDataException">A class has too few images to leave one on each side.</exception>
    public (ImageFolder Train, ImageFolder Validation) Split(double validation, int seed = 0)
    {
        if (!(validation is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(validation), validation, "A share is over 0 and under 1.");
        var (train, held) = (new List<LabelledImage>(), new List<LabelledImage>());
        foreach (var group in Images.GroupBy(i => i.Classes.Count == 0 ? -1 : i.Classes[0]).OrderBy(g => g.Key))
        {
            var shuffled = group.ToArray();
            Draw.Shuffle(shuffled, seed, group.Key);
            var count = Math.Max(1, (int)Math.Round(validation * shuffled.Length));
            if (count >= shuffled.Length)
                throw new TrainingDataException(TrainingDataError.EmptyClass, Source, $"the class '{NameOf(group.Key)}' has {shuffled.Length} image(s), too few to split: add images, or give the validation images a folder of their own.");
            held.AddRange(shuffled[..count]);
            train.AddRange(shuffled[count..]);
        }
        return (With(train), With(held));

        // The listing's order, so that a split of a split is what the files say and not how they were drawn.
        ImageFolder With(List<LabelledImage> images) => new(Source, Classes, [.. images.OrderBy(i => i.Path, StringComparer.Ordinal)]);
    }

    /// <summary>Each class's weight that makes all count alike: n / (classes * images of it), as scikit-learn's "balanced".</summary>
    public IReadOnlyDictionary<string, double> BalancedClassWeights()
    {
        var counts = Counts();
        var labels = counts.Sum();
        return Classes.Select((name, c) => (name, weight: counts[c] == 0 ? 1 : (double)labels / (Classes.Count * counts[c]))).ToDictionary(c => c.name, c => c.weight);
    }

    /// <summary>The same images with their labels' places in another list of classes, such as a model's.</summary>
    /// <param name="classes">The classes in the order of the outputs.</param>
    /// <exception cref="TrainingDataException">An image's label is not among them.</exception>
    public ImageFolder WithClasses(IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.SequenceEqual(Classes))
            return this;
        var places = classes.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        return new(Source, classes, [.. Images.Select(image => new LabelledImage(image.Path, [.. image.Classes.Select(Place)], image.Targets))]);

        int Place(int own) => places.TryGetValue(Classes[own], out var place)
            ? place
            : throw new TrainingDataException(TrainingDataError.UnknownLabel, Source, $"the label '{Classes[own]}' is none of the model's classes ({string.Join(", ", classes.Take(20))}). Train a model with it, or leave its images out.");
    }

    /// <summary>How many images each class has.</summary>
    public IReadOnlyList<int> Counts()
    {
        var counts = new int[Classes.Count];
        foreach (var c in Images.SelectMany(i => i.Classes))
            counts[c]++;
        return counts;
    }

    /// <summary>The folder or table and its size: <c>photos: 898 images of 10 classes</c>.</summary>
    public override string ToString() => $"{Source}: {Images.Count} images of {Classes.Count} classes";

    /// <summary>Changes when a file, its place or its label would.</summary>
    internal string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Images.Select(
        i => FormattableString.Invariant($"{i.Path}\t{string.Join(',', i.Classes)}\t{string.Join(',', i.Targets.Select(t => t.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}"))))));

    private string NameOf(int c) => c < 0 ? "(no class)" : Classes[c];

    private static ImageFolder OpenFolder(string folder, IReadOnlyList<string>? wanted)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{folder}' does not exist.");
        var classes = wanted ?? [.. Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)!).Where(d => d[0] != '.').Order(StringComparer.Ordinal)];
        var images = new List<LabelledImage>();
        foreach (var (name, place) in classes.Select((name, i) => (name, i)))
        {
            var own = Path.Combine(folder, name);
            var files = Directory.Exists(own)
                ? Directory.EnumerateFiles(own, "*", SearchOption.AllDirectories).Where(IsVisible).Order(StringComparer.Ordinal).ToArray()
                : [];
            if (files.Length == 0)
                throw new TrainingDataException(TrainingDataError.EmptyClass, folder, $"the class '{name}' has no images. Put some into '{own}', or remove the folder.");
            images.AddRange(files.Select(file => new LabelledImage(file, [place])));
        }
        return new(folder, classes, images);
    }

    private static bool IsVisible(string file) => Path.GetFileName(file)[0] != '.' && !Path.GetFileName(file).Equals("Thumbs.db", StringComparison.OrdinalIgnoreCase);
}
