namespace TransferKit.Training;

/// <summary>An image file and what is known of it.</summary>
public sealed class LabelledImage
{
    /// <summary>An image of classes, or with numbers to predict.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classes">The classes' places in the list of classes; one, or several for multi-label tasks.</param>
    /// <param name="targets">The numbers to predict, for regression.</param>
    public LabelledImage(string path, IReadOnlyList<int> classes, IReadOnlyList<float>? targets = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(classes);
        (Path, Classes, Targets) = (path, classes, targets ?? []);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its classes, by their places in <see cref="ImageFolder.Classes"/>.</summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>The numbers to predict, for regression; else empty.</summary>
    public IReadOnlyList<float> Targets { get; }
}
