namespace TransferKit.Architectures;

/// <summary>Rounds the channel counts of widened and narrowed networks as Keras does.</summary>
internal static class Channels
{
    /// <summary>Rounds to the nearest multiple of 8, at least 8.</summary>
    public static int Nearest(double count) => Math.Max(8, (int)(count + 4) / 8 * 8);

    /// <summary>Rounds like <see cref="Nearest"/>, but down by at most a tenth (Keras: <c>_make_divisible</c>).</summary>
    public static int Divisible(double count)
    {
        var nearest = Nearest(count);
        return nearest < 0.9 * count ? nearest + 8 : nearest;
    }
}
