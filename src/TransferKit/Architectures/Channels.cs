namespace TransferKit.Architectures;

/// <summary>Channel counts of widened and narrowed networks, rounded as Keras rounds them.</summary>
internal static class Channels
{
    /// <summary>The nearest multiple of 8, at least 8.</summary>
    public static int Nearest(double count) => Math.Max(8, (int)(count + 4) / 8 * 8);

    /// <summary>As <see cref="Nearest"/>, but never more than a tenth below (Keras: <c>_make_divisible</c>).</summary>
    public static int Divisible(double count)
    {
        var nearest = Nearest(count);
        return nearest < 0.9 * count ? nearest + 8 : nearest;
    }
}
