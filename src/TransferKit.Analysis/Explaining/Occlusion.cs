namespace TransferKit.Analysis.Explaining;

/// <summary>Covers parts of a picture one after another, and measures what a class's score loses.</summary>
internal static class Occlusion
{
    /// <summary>The number of parts a side. Each cover is as large as two of them, so that covers overlap.</summary>
    public const int Side = 8;

    private const int Batch = 16;

    /// <param name="pixels">The picture as the network takes it, <c>(h, w, 3)</c>.</param>
    /// <param name="size">The size of the picture.</param>
    /// <param name="score">Computes the class's score for each of several pictures.</param>
    /// <param name="cancellationToken">Token to cancel the computation.</param>
    /// <returns>The loss of each part, row by row.</returns>
    public static float[] Losses(
        float[] pixels, ImageSize size, Func<float[], int, float[]> score, CancellationToken cancellationToken)
    {
        Span<float> mean = stackalloc float[3];
        for (var i = 0; i < pixels.Length; i++)
            mean[i % 3] += pixels[i] * 3 / pixels.Length;
        var whole = score(pixels, 1)[0];
        var losses = new float[Side * Side];
        for (var first = 0; first < losses.Length; first += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var covered = new float[Batch * pixels.Length];
            for (var i = 0; i < Batch; i++)
            {
                var picture = covered.AsSpan(i * pixels.Length, pixels.Length);
                pixels.CopyTo(picture);
                Cover(picture, size, (first + i) / Side, (first + i) % Side, mean);
            }
            var scores = score(covered, Batch);
            for (var i = 0; i < Batch; i++)
                losses[first + i] = whole - scores[i];
        }
        return losses;
    }

    private static void Cover(Span<float> picture, ImageSize size, int row, int column, ReadOnlySpan<float> colour)
    {
        var (top, bottom) = Range(row, size.Height);
        var (left, right) = Range(column, size.Width);
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
                colour.CopyTo(picture[((y * size.Width + x) * 3)..]);
        }
    }

    private static (int From, int To) Range(int part, int length) =>
        (Math.Max(0, (2 * part - 1) * length / (2 * Side)), Math.Min(length, ((2 * part + 3) * length + 2 * Side - 1) / (2 * Side)));
}
