using System.Numerics.Tensors;
using TransferKit.Architectures;

namespace TransferKit.SideBySide;

/// <summary>Trains logistic regression on features, to measure their linear separability.</summary>
internal sealed class LinearHead
{
    private const int Classes = 10;
    private const int Steps = 400;
    private const float Rate = 0.5f;
    private const float Momentum = 0.9f;
    private const float Decay = 1e-3f;

    private readonly float[] _mean;
    private readonly float[] _scale;
    private readonly float[][] _weights;
    private readonly float[] _bias = new float[Classes];

    private LinearHead(float[] mean, float[] scale)
    {
        (_mean, _scale) = (mean, scale);
        _weights = [.. Enumerable.Range(0, Classes).Select(_ => new float[mean.Length])];
    }

    /// <summary>
    /// Trains a head on features of the digits and returns its accuracy on those of the test. Maps are averaged over their places.
    /// </summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="images">The options that the pictures are read with.</param>
    /// <param name="digits">The folder with <c>train</c> and <c>test</c>, each with a folder of pictures per class.</param>
    public static double Accuracy(IBackbone backbone, ImageLoadOptions images, string digits)
    {
        var extractor = new FeatureExtractor(backbone, new() { Recursive = true, Images = images });
        var head = Train(Rows(extractor, "train"));
        var test = Rows(extractor, "test");
        return test.Count(row => head.Predict(row.Features) == row.Class) / (double)test.Count;

        List<(float[] Features, int Class)> Rows(FeatureExtractor extractor, string part) =>
        [
            .. extractor.Extract(Path.Combine(digits, part)).Values
                .Select(row => (Averaged(row.Features.Span, row.Shape[^1]), row.Path[0] - '0')),
        ];
    }

    private static float[] Averaged(ReadOnlySpan<float> map, int channels)
    {
        var mean = new float[channels];
        for (var place = 0; place < map.Length; place += channels)
            TensorPrimitives.Add(mean, map.Slice(place, channels), mean);
        TensorPrimitives.Divide(mean, map.Length / channels, mean);
        return mean;
    }

    // All rows take part in each step, which starts from zeros, so that the same rows give the same head.
    private static LinearHead Train(List<(float[] Features, int Class)> rows)
    {
        var length = rows[0].Features.Length;
        var (mean, scale) = (new float[length], new float[length]);
        for (var i = 0; i < length; i++)
        {
            mean[i] = rows.Average(r => r.Features[i]);
            // One scale serves all features, so that features with little variance are not amplified.
            scale[i] = rows.Average(r => (r.Features[i] - mean[i]) * (r.Features[i] - mean[i]));
        }
        scale.AsSpan().Fill(1 / MathF.Sqrt(scale.Sum()));
        var head = new LinearHead(mean, scale);
        var inputs = rows.ConvertAll(r => head.Normalised(r.Features));
        var velocity = head._weights.Select(w => new float[w.Length]).ToArray();
        var biasVelocity = new float[Classes];
        for (var step = 0; step < Steps; step++)
        {
            var (gradient, biasGradient) = (head._weights.Select(w => new float[w.Length]).ToArray(), new float[Classes]);
            for (var r = 0; r < rows.Count; r++)
            {
                var probabilities = head.Scores(inputs[r]);
                TensorPrimitives.SoftMax(probabilities, probabilities);
                for (var c = 0; c < Classes; c++)
                {
                    var error = (probabilities[c] - (rows[r].Class == c ? 1 : 0)) / rows.Count;
                    TensorPrimitives.MultiplyAdd(inputs[r], error, gradient[c], gradient[c]);
                    biasGradient[c] += error;
                }
            }
            for (var c = 0; c < Classes; c++)
            {
                TensorPrimitives.MultiplyAdd(head._weights[c], Decay, gradient[c], gradient[c]);
                TensorPrimitives.Multiply(velocity[c], Momentum, velocity[c]);
                TensorPrimitives.MultiplyAdd(gradient[c], -Rate, velocity[c], velocity[c]);
                TensorPrimitives.Add(head._weights[c], velocity[c], head._weights[c]);
                biasVelocity[c] = Momentum * biasVelocity[c] - Rate * biasGradient[c];
                head._bias[c] += biasVelocity[c];
            }
        }
        return head;
    }

    private int Predict(float[] features) => TensorPrimitives.IndexOfMax(Scores(Normalised(features)));

    private float[] Scores(float[] input) => [.. _weights.Select((w, c) => TensorPrimitives.Dot(w, input) + _bias[c])];

    private float[] Normalised(float[] features)
    {
        var normalised = new float[features.Length];
        TensorPrimitives.Subtract(features, _mean, normalised);
        TensorPrimitives.Multiply(normalised, _scale, normalised);
        return normalised;
    }
}
