namespace TransferKit.Training;

/// <summary>Specifies the fault of labelled images.</summary>
public enum TrainingDataError
{
    /// <summary>There are no images.</summary>
    Empty,

    /// <summary>There is only one class.</summary>
    OneClass,

    /// <summary>A class has no image.</summary>
    EmptyClass,

    /// <summary>A label is not a class of the model, or a number of the model has no column.</summary>
    UnknownLabel,

    /// <summary>The table of labels is malformed.</summary>
    MalformedTable,

    /// <summary>The labels do not fit the task: an image has several labels, or numbers.</summary>
    WrongKind,

    /// <summary>No image of a batch could be read.</summary>
    NothingReadable,

    /// <summary>A link beside the classes leads nowhere, or a name there is not UTF-8, so a class may be missing.</summary>
    UnusableClass,
}

/// <summary>The exception that is thrown if labelled images do not fit a model. The message says where and what to do.</summary>
public sealed class TrainingDataException : TransferKitException
{
    internal TrainingDataException(TrainingDataError error, string source, string what, Exception? inner = null)
        : base($"{source}: {what}", inner) => (Error, DataSource) = (error, source);

    /// <summary>Gets the kind of fault.</summary>
    public TrainingDataError Error { get; }

    /// <summary>Gets the path of the folder or table.</summary>
    public string DataSource { get; }
}
