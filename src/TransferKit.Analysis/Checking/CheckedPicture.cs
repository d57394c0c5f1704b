using TransferKit.Analysis.Pictures;

namespace TransferKit.Analysis.Checking;

/// <summary>Represents a picture, or a vector without one, in a check.</summary>
internal sealed class CheckedPicture
{
    public string Folder { get; init; } = "";

    public required string Name { get; init; }

    public bool IsTest { get; init; }

    /// <summary>Gets what its pixels state; null if it cannot be read, or there is no picture.</summary>
    public PictureFacts? Facts { get; init; }

    public string? Label { get; init; }

    public string Path => Folder.Length == 0 ? Name : System.IO.Path.Combine(Folder, Name);

    public DataFinding Finding(DataFindingKind kind, string message, double score = 0) =>
        new() { Kind = kind, Folder = Folder, Name = Name, Label = Label, Score = score, Message = message };
}
