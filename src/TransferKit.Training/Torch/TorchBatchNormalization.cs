using TransferKit.Graph;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TransferKit.Training.Torch;

/// <summary>
/// Runs Keras' batch normalisation with torch's operator. Keras' moving variance averages the variance of the batch;
/// torch's averages the unbiased estimate, which is n / (n - 1) times as large.
/// </summary>
internal static class TorchBatchNormalization
{
    public static Tensor Run(BatchNormalization o, Tensor x, IReadOnlyList<Tensor> weights, bool training)
    {
        var next = 0;
        var gamma = o.Scale ? weights[next++] : null;
        var beta = o.Center ? weights[next++] : null;
        var (mean, variance) = (weights[next], weights[next + 1]);
        if (!training)
            return F.batch_norm(x, mean, variance, gamma!, beta!, training: false, momentum: 0, eps: o.Epsilon);

        var n = x.numel() / (double)x.shape[1];
        if (n < 2)
            return SingleValue(o, x, gamma, beta, mean, variance);
        // With a momentum of 1, torch replaces these zeros by the statistics of the batch.
        var (ofBatch, unbiased) = (zeros_like(mean), zeros_like(variance));
        var result = F.batch_norm(
            MemoryLayout.ChannelsFirst(x), ofBatch, unbiased, gamma!, beta!, training: true, momentum: 1, eps: o.Epsilon);
        using (no_grad())
        {
            mean.MultiplyBy(o.Momentum).Increase(ofBatch, 1 - o.Momentum);
            variance.MultiplyBy(o.Momentum).Increase(unbiased, (1 - o.Momentum) * (n - 1) / n);
        }
        return result;
    }

    // Torch refuses a single value per channel. Keras computes with a variance of zero: outputs are beta, whatever the input.
    private static Tensor SingleValue(BatchNormalization o, Tensor x, Tensor? gamma, Tensor? beta, Tensor mean, Tensor variance)
    {
        using (no_grad())
        {
            using var value = x.detach().reshape(-1);
            mean.MultiplyBy(o.Momentum).Increase(value, 1 - o.Momentum);
            variance.MultiplyBy(o.Momentum);
        }
        long[] perChannel = [1, -1, .. Enumerable.Repeat(1L, x.shape.Length - 2)];
        // The difference is zero, and so are its gradients.
        var normal = x - x;
        if (gamma is not null)
            normal = normal * gamma.view(perChannel);
        return beta is null ? normal : normal.Plus(beta.view(perChannel));
    }
}
