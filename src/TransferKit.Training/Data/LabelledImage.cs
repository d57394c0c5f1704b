namespace TransferKit.Training;

/// <summary>Represents an image file and its labels.</summary>
public sealed class LabelledImage
{
    /// <summary>Initializes an image with classes or with targets of regression.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="classes">The indices of its classes: one, or any number for multi-label tasks.</param>
    /// <param name="targets">The numbers to predict, for regression. Defaults to none.</param>
    public LabelledImage(string path, IReadOnlyList<int> classes, IReadOnlyList<float>? targets = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(classes);
        (Path, Classes, Targets) = (path, classes, targets ?? []);
    }

    /// <summary>Gets the path of the file.</summary>
    public string Path { get; }

    /// <summary>Gets the indices of its classes in <see cref="ImageFolder.Classes"/>.</summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>Gets the numbers to predict; empty unless the task is regression.</summary>
    public IReadOnlyList<float> Targets { get; }

    /// <summary>Gets the error of a name that the folder lists and that cannot be opened, which reading throws; null for others.</summary>
    internal Exception? Error { get; init; }

    /// <summary>Returns the same image with other classes or targets.</summary>
    internal LabelledImage With(IReadOnlyList<int> classes, IReadOnlyList<float> targets) => new(Path, classes, targets) { Error = Error };
}
