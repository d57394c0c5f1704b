using TransferKit.Graph;
using static TransferKit.Tests.Onnx.TinyGraph;

namespace TransferKit.Tests.Onnx;

/// <summary>Judges the normalisation of small groups, where digits cancel, in double precision.</summary>
public class GroupNormalizationTests
{
    [Theory]
    [InlineData(24)]
    [InlineData(12)]
    [InlineData(3)]
    public void A_group_of_few_numbers_is_nearer_to_double_precision_than_Keras_own_formula(int groups)
    {
        const int Count = 48, Samples = 20;
        const float Epsilon = 1e-3f;
        var graph = Of(2, 8, (g, x) => g.Add(
            new GroupNormalization(groups) { Epsilon = Epsilon, Scale = false, Center = false }, "norm", g.Add(new Flatten(), "flat", x)));
        var random = new Random(1);
        float[] input = [.. Enumerable.Range(0, Count * Samples).Select(_ => 255 * random.NextSingle())];

        var found = Run(graph, input);

        var (own, keras) = (0.0, 0.0);
        foreach (var (group, normalised) in input.Chunk(Count / groups).Zip(found.Chunk(Count / groups)))
        {
            var mean = group.Average(v => (double)v);
            var deviation = Math.Sqrt(group.Average(v => (v - mean) * (v - mean)) + Epsilon);
            // Keras multiplies before it subtracts.
            var singleMean = group.Sum() / group.Length;
            var inverse = 1 / MathF.Sqrt(group.Sum(v => (v - singleMean) * (v - singleMean)) / group.Length + Epsilon);
            foreach (var (value, result) in group.Zip(normalised))
            {
                var exact = (value - mean) / deviation;
                own = Math.Max(own, Math.Abs(result - exact));
                keras = Math.Max(keras, Math.Abs(value * inverse + -singleMean * inverse - exact));
            }
        }
        Assert.True(own <= keras, $"{own} for {keras}");
        Assert.InRange(own, 0, 1e-3);
    }
}
