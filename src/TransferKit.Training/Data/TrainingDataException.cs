namespace TransferKit.Training;

/// <summary>What is wrong with labelled images.</summary>
public enum TrainingDataError
{
    /// <summary>There is no image at all.</summary>
    Empty,

    /// <summary>There is one class only: nothing to tell apart.</summary>
    OneClass,

    /// <summary>A class has no image.</summary>
    EmptyClass,

    /// <summary>A label is none of the model's classes, or a number of the model's has no column.</summary>
    UnknownLabel,

    /// <summary>The table of labels cannot be understood.</summary>
    MalformedTable,

    /// <summary>The labels are of another kind than the task: several for one image, or numbers.</summary>
    WrongKind,

    /// <summary>No image of a batch could be read.</summary>
    NothingReadable,
}

/// <summary>Labelled images that cannot be trained on, or not by this model. The message says where and what to do.</summary>
public sealed class TrainingDataException : TransferKitException
{
    internal TrainingDataException(TrainingDataError error, string source, string what, Exception? inner = null)
        : base($"{source}: {what}", inner) => (Error, DataSource) = (error, source);

    /// <summary>What is wrong.</summary>
    public TrainingDataError Error { get; }

    /// <summary>The folder or table that the images come from.</summary>
    public string DataSource { get; }
}
