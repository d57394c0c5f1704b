namespace TransferKit.Imaging.Resizing;

/// <summary>Represents one direction of a resize by Pillow: a part of the source becomes the whole target.</summary>
/// <param name="Source">Number of source positions.</param>
/// <param name="Start">First source position of the part. A filter may reach beyond the part, as in Pillow.</param>
/// <param name="Length">Number of source positions of the part.</param>
/// <param name="Target">Number of positions of the result.</param>
internal readonly record struct ResampleAxis(int Source, int Start, int Length, int Target)
{
    /// <summary>Gets the number of positions of the whole result, of which the target may be a part. Defaults to the target's.</summary>
    public int Resized { get; private init; } = Target;

    /// <summary>Gets the number of positions of the whole result before the target.</summary>
    public int Skipped { get; private init; }

    /// <summary>Gets whether the direction changes nothing.</summary>
    public bool IsIdentity => Length == Source && Length == Resized && Length == Target;

    public static ResampleAxis Whole(int source, int target) => new(source, 0, source, target);

    /// <summary>Returns a resize of the whole source, of whose result only the centre is computed.</summary>
    public static ResampleAxis CentreOf(int source, int resized, int target) =>
        new(source, 0, source, target) { Resized = resized, Skipped = (resized - target) / 2 };

    /// <summary>Returns the part that <c>load_img</c> keeps with <c>keep_aspect_ratio</c>.</summary>
    /// <param name="source">Number of source positions.</param>
    /// <param name="across">Number of source positions in the other direction.</param>
    /// <param name="target">Number of positions of the result.</param>
    /// <param name="targetAcross">Number of positions of the result in the other direction.</param>
    public static ResampleAxis Centre(int source, int across, int target, int targetAcross)
    {
        var length = (int)Math.Min(source, (long)across * target / targetAcross);
        return new(source, (source - length) / 2, length, target);
    }
}
