using System.IO.Compression;
using TransferKit.Tests;

namespace TransferKit.Analysis.Tests.Classifiers;

/// <summary>Provides the pixels of 1,797 handwritten digits as features: the first 898 to learn from, the others to test on.</summary>
internal static class Digits
{
    private const int Pixels = 64;

    private static readonly Lazy<(float[] Features, string[] Labels)> All = new(Read);

    public static FeatureTable Train { get; } = Part(0, 898);

    public static FeatureTable Test { get; } = Part(898, 1797);

    /// <summary>Returns halves of all digits in random order, so that both have the digits of the same writers.</summary>
    public static (FeatureTable Train, FeatureTable Test) Shuffled(int seed)
    {
        int[] order = [.. Enumerable.Range(0, All.Value.Labels.Length)];
        new Random(seed).Shuffle(order);
        return (Rows(order[..898]), Rows(order[898..]));
    }

    private static FeatureTable Part(int from, int to) => Rows([.. Enumerable.Range(from, to - from)]);

    private static FeatureTable Rows(int[] rows) => FeatureTable.Of(
        [.. rows.Select(i => $"{All.Value.Labels[i]}/{i}.png")],
        rows.SelectMany(i => All.Value.Features[(i * Pixels)..((i + 1) * Pixels)]).ToArray());

    /// <summary>Returns the rows of some classes.</summary>
    public static FeatureTable Of(this FeatureTable table, Func<string, bool> takes)
    {
        var rows = Enumerable.Range(0, table.Count).Where(i => takes(table.Names[i])).ToArray();
        return FeatureTable.Of([.. rows.Select(i => table.Names[i])], rows.SelectMany(i => table[i].ToArray()).ToArray());
    }

    private static (float[] Features, string[] Labels) Read()
    {
        using var file = new GZipStream(File.OpenRead(Goldens.Path("analysis", "digits.bin.gz")), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        var rows = memory.ToArray().Chunk(Pixels + 1).ToArray();
        return ([.. rows.SelectMany(r => r.Take(Pixels)).Select(p => (float)p)], [.. rows.Select(r => $"{r[Pixels]}")]);
    }
}
