using System.Globalization;
using System.Text.Json.Nodes;
using TransferKit.Training.Torch;
using static TorchSharp.torch;

namespace TransferKit.Training;

/// <summary>Steps scaled by a running mean of the gradient's square (Keras: <c>RMSprop</c>).</summary>
public sealed class RmsProp : Optimizer
{
    private readonly double _rho;
    private readonly double _momentum;
    private readonly double _epsilon;
    private readonly bool _centered;

    /// <summary>Initializes the optimizer.</summary>
    /// <param name="learningRate">The learning rate. Defaults to 0.001.</param>
    /// <param name="rho">The decay rate of the mean of the squared gradient, from 0 to under 1.</param>
    /// <param name="momentum">The share of each step that is added to the next one, from 0 to under 1.</param>
    /// <param name="epsilon">The number that is added to the mean of the square before its root is taken.</param>
    /// <param name="centered">Whether the gradient is divided by its deviation instead of by the root of its mean square.</param>
    public RmsProp(
        LearningRateSchedule? learningRate = null, double rho = 0.9, double momentum = 0, double epsilon = 1e-7, bool centered = false) :
        base(learningRate ?? 0.001)
    {
        (_rho, _momentum) = (Share(rho, nameof(rho)), Share(momentum, nameof(momentum)));
        (_epsilon, _centered) = (Epsilon(epsilon, nameof(epsilon)), centered);
    }

    internal override int SlotCount => 1 + (_momentum > 0 ? 1 : 0) + (_centered ? 1 : 0);

    internal override void Update(Tensor weight, Tensor gradient, Tensor[] slots, double rate, long step)
    {
        var square = slots[0].MultiplyBy(_rho).IncreaseByProduct(gradient, gradient, 1 - _rho);
        if (_centered)
        {
            var mean = slots[^1].MultiplyBy(_rho).Increase(gradient, 1 - _rho);
            square = square - mean.Square();
        }
        var change = gradient.clone().MultiplyBy(rate).div_(square.clone().Increase(_epsilon).sqrt_());
        weight.sub_(_momentum > 0 ? slots[1].MultiplyBy(_momentum).Increase(change) : change);
    }

    private protected override (string Key, JsonNode? Value)[] KerasSettings =>
        [("rho", _rho), ("momentum", _momentum), ("epsilon", _epsilon), ("centered", _centered)];

    private protected override string Settings => string.Create(
        CultureInfo.InvariantCulture, $", {_rho:R}, momentum {_momentum:R}, {_epsilon:R}{(_centered ? " centered" : "")}");
}
