using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>Represents the shape of one sample, without the batch dimension: a map of height x width x channels, or a vector.</summary>
internal sealed record Shape
{
    private Shape(bool isMap, int height, int width, int channels) =>
        (IsMap, Height, Width, Channels) = (isMap, height, width, channels);

    public bool IsMap { get; }
    public int Height { get; }
    public int Width { get; }
    public int Channels { get; }

    public static Shape Map(int height, int width, int channels) => new(true, height, width, channels);
    public static Shape Vector(int width) => new(false, 1, 1, width);

    /// <summary>Gets the same map or vector with another number of channels.</summary>
    public Shape WithChannels(int channels) => new(IsMap, Height, Width, channels);

    public long Count => checked((long)Height * Width * Channels);
    public ImmutableArray<int> Dimensions => IsMap ? [Height, Width, Channels] : [Channels];

    /// <summary>Returns the shape as Keras prints it: <c>(None, 7, 7, 512)</c>.</summary>
    public override string ToString() => $"(None, {string.Join(", ", Dimensions)})";
}
