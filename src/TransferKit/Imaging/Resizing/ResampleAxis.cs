namespace TransferKit.Imaging.Resizing;

/// <summary>Represents one direction of a resize by Pillow: a part of the source becomes the whole target.</summary>
/// <param name="Source">Number of source positions.</param>
/// <param name="Start">First source position of the part. A filter may reach beyond the part, as in Pillow.</param>
/// <param name="Length">Number of source positions of the part.</param>
/// <param name="Target">Number of positions of the result.</param>
internal readonly record struct ResampleAxis(int Source, int Start, int Length, int Target)
{
    /// <summary>Gets whether the direction changes anything.</summary>
    public bool IsIdentity => Length == Source && Length == Target;

    public static ResampleAxis Whole(int source, int target) => new(source, 0, source, target);

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
