using System.Numerics.Tensors;
using TransferKit.Analysis.Similarity;

namespace TransferKit.Analysis.Tests.Similarity;

public sealed class NeighbourGraphTests
{
    private const int Dimensions = 96;

    [Fact]
    public void Copies_among_more_rows_than_are_all_compared_find_each_other()
    {
        var (random, numbers) = (new Random(4), new float[9000 * Dimensions]);
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = 1 + (float)random.NextDouble();
        // The last 1,000 rows are the first ones with noise.
        for (var i = 0; i < 1000 * Dimensions; i++)
            numbers[8000 * Dimensions + i] = numbers[i] + 0.1f * (float)random.NextDouble();
        var table = FeatureTable.Of([.. Enumerable.Range(0, 9000).Select(i => $"{i}")], numbers);

        var graph = NeighbourGraph.Of(table, null, TestContext.Current.CancellationToken);

        Assert.InRange(Enumerable.Range(0, 1000).Count(i => graph.RowsOf(i)[0] == 8000 + i || graph.RowsOf(8000 + i)[0] == i), 980, 1000);
        for (var row = 0; row < 9000; row += 1000)
        {
            var cosines = graph.CosinesOf(row);
            for (var n = 0; n < cosines.Length; n++)
                Assert.Equal(TensorPrimitives.CosineSimilarity(table[row], table[graph.RowsOf(row)[n]]), cosines[n], 1e-5f);
            Assert.True(cosines.ToArray().SequenceEqual(cosines.ToArray().OrderDescending()));
        }
    }

    [Fact]
    public void Few_rows_and_rows_of_zeros_have_neighbours_too()
    {
        var graph = NeighbourGraph.Of(FeatureTable.Of(["a", "b", "c"], new float[] { 1, 2, 0, 0, 2, 4 }), null, default);
        var alone = NeighbourGraph.Of(FeatureTable.Of(["a"], new float[] { 1, 2 }), null, default);

        Assert.Equal([2, 1], graph.RowsOf(0).ToArray());
        Assert.Equal([1, 0], graph.CosinesOf(0).ToArray(), (x, y) => Math.Abs(x - y) < 1e-6);
        Assert.True(alone.RowsOf(0).IsEmpty);
    }
}
