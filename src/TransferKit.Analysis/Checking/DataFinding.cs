namespace TransferKit;

/// <summary>Specifies what seems to be wrong with a picture or a class.</summary>
public enum DataFindingKind
{
    /// <summary>The file is no readable picture.</summary>
    Unreadable,

    /// <summary>The file has the same bytes as another one.</summary>
    Duplicate,

    /// <summary>The picture has the same pixels as another one, in another file.</summary>
    PixelDuplicate,

    /// <summary>The picture is a resized, newly encoded or slightly cropped copy of another one.</summary>
    NearDuplicate,

    /// <summary>A picture to learn from is a copy of one to test with, so the test would be too easy.</summary>
    Leak,

    /// <summary>The picture seems to belong to another class.</summary>
    WrongLabel,

    /// <summary>The picture is unlike all others.</summary>
    Outlier,

    /// <summary>The picture has few pixels.</summary>
    Tiny,

    /// <summary>The picture is nearly of one colour.</summary>
    Blank,

    /// <summary>The picture is not sharp.</summary>
    Blurred,

    /// <summary>The picture is much wider than it is high, or the reverse.</summary>
    OddShape,

    /// <summary>The class has far fewer pictures than others.</summary>
    Imbalance,
}

/// <summary>Represents what a check found about a picture or a class.</summary>
public sealed record DataFinding
{
    /// <summary>Gets the kind.</summary>
    public required DataFindingKind Kind { get; init; }

    /// <summary>Gets the folder of the pictures; empty for features without pictures.</summary>
    public string Folder { get; init; } = "";

    /// <summary>
    /// Gets the name of the picture in its folder, such as <c>cats/1.jpg</c>; for <see cref="DataFindingKind.Imbalance"/> that of the
    /// class.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Gets the path of the picture: folder and name.</summary>
    public string Path => Folder.Length == 0 ? Name : System.IO.Path.Combine(Folder, Name);

    /// <summary>Gets the path of the picture that this one is a copy of; null for other kinds.</summary>
    public string? Other { get; init; }

    /// <summary>Gets the label; null if pictures have none.</summary>
    public string? Label { get; init; }

    /// <summary>Gets the label that fits better; null for other kinds than <see cref="DataFindingKind.WrongLabel"/>.</summary>
    public string? Suggestion { get; init; }

    /// <summary>
    /// Gets how certain or how strong it is, such as the likeness of copies or the probability of the better label. Of one kind, larger is
    /// worse.
    /// </summary>
    public double Score { get; init; }

    /// <summary>Gets the finding in words.</summary>
    public required string Message { get; init; }
}
