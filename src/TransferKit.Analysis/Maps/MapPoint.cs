namespace TransferKit;

/// <summary>Represents the place of a picture on a map.</summary>
/// <param name="X">The first coordinate.</param>
/// <param name="Y">The second coordinate.</param>
public readonly record struct MapPoint(float X, float Y);
