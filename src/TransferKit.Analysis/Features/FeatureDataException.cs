namespace TransferKit;

/// <summary>Specifies the fault of features or their labels.</summary>
public enum FeatureDataError
{
    /// <summary>There are no features.</summary>
    Empty,

    /// <summary>There is only one class.</summary>
    OneClass,

    /// <summary>A class has too few pictures.</summary>
    SmallClass,

    /// <summary>A number is NaN or infinite.</summary>
    NotFinite,

    /// <summary>Features were extracted by different backbones, weights or preparations.</summary>
    MixedStamps,

    /// <summary>A label names no row, or a row has no label.</summary>
    UnknownName,

    /// <summary>Another process changed the features while they were read.</summary>
    Changed,
}

/// <summary>Thrown when features or their labels do not serve for an analysis. The message says which, and what to do.</summary>
public sealed class FeatureDataException : TransferKitException
{
    internal FeatureDataException(FeatureDataError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>Gets the kind of fault.</summary>
    public FeatureDataError Error { get; }
}
