using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Nodes;
using TransferKit.Architectures;
using TransferKit.Common;
using TransferKit.Configs.Writing;
using TransferKit.Training.Torch;
using static TorchSharp.torch;

namespace TransferKit.Training;

/// <summary>A rule that turns gradients into steps, with Keras' arithmetic. Holds settings only; the run holds its state.</summary>
/// <remarks>Configuration names it, with a learning rate or without: <c>adam</c>, <c>adamw:0.0001</c>, <c>sgd:0.01</c>.</remarks>
[TypeConverter(typeof(Converter))]
public abstract class Optimizer
{
    private protected Optimizer(LearningRateSchedule learningRate)
    {
        ArgumentNullException.ThrowIfNull(learningRate);
        LearningRate = learningRate;
    }

    /// <summary>Gets the learning rate.</summary>
    public LearningRateSchedule LearningRate { get; }

    /// <summary>
    /// Gets the weight decay (Keras: <c>weight_decay</c>). Each step multiplies weights by one minus the decay times the
    /// learning rate. Defaults to 0, and to 0.004 in <see cref="AdamW"/>.
    /// </summary>
    public double WeightDecay { get; init => field = NotNegative(value, nameof(WeightDecay)); }

    /// <summary>Gets the largest norm of the gradient of each weight array (Keras: <c>clipnorm</c>). Defaults to no limit.</summary>
    public double? ClipNorm { get; init => field = Positive(value, nameof(ClipNorm)); }

    /// <summary>Gets the largest norm of all gradients together (Keras: <c>global_clipnorm</c>). Defaults to no limit.</summary>
    public double? GlobalClipNorm { get; init => field = Positive(value, nameof(GlobalClipNorm)); }

    /// <summary>Gets the largest absolute value in a gradient (Keras: <c>clipvalue</c>). Defaults to no limit.</summary>
    public double? ClipValue { get; init => field = Positive(value, nameof(ClipValue)); }

    /// <summary>Gets the number of slots: state arrays per weight, of its shape.</summary>
    internal abstract int SlotCount { get; }

    /// <summary>Gets the settings of this optimizer alone, by Keras' names.</summary>
    private protected abstract (string Key, JsonNode? Value)[] KerasSettings { get; }

    /// <summary>Writes the optimizer as Keras serializes it. A schedule is written as its initial rate.</summary>
    internal JsonObject ToKeras() => KerasObject.Of("keras.optimizers", KerasName,
    [
        ("name", KerasName.ToLowerInvariant()), ("learning_rate", LearningRate.Initial),
        ("weight_decay", WeightDecay > 0 ? WeightDecay : null), ("clipnorm", ClipNorm),
        ("global_clipnorm", GlobalClipNorm), ("clipvalue", ClipValue), ("use_ema", false), ("ema_momentum", 0.99),
        ("ema_overwrite_frequency", null), ("loss_scale_factor", null), ("gradient_accumulation_steps", null), .. KerasSettings,
    ]);

    private string KerasName => GetType().Name switch { nameof(Sgd) => "SGD", nameof(RmsProp) => "RMSprop", var same => same };

    /// <summary>Updates a weight in place.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="gradient">The clipped gradient of the weight.</param>
    /// <param name="slots">The slots of the weight.</param>
    /// <param name="rate">The learning rate of this step.</param>
    /// <param name="step">The number of the step, from 1.</param>
    internal abstract void Update(Tensor weight, Tensor gradient, Tensor[] slots, double rate, long step);

    internal void Apply(IReadOnlyList<Tensor> weights, IList<Tensor> gradients, IReadOnlyList<Tensor[]> slots, double rate, long step)
    {
        using var noGrad = no_grad();
        Clip(gradients);
        for (var i = 0; i < weights.Count; i++)
        {
            using var scope = NewDisposeScope();
            if (WeightDecay > 0)
                weights[i].MultiplyBy(1 - WeightDecay * rate);
            Update(weights[i], gradients[i], slots[i], rate, step);
        }
    }

    /// <summary>Returns the optimizer and its settings as text, which checkpoints compare.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{GetType().Name}({LearningRate}, decay {WeightDecay:R}, clip {ClipNorm:R}/{GlobalClipNorm:R}/{ClipValue:R}{Settings})");

    private protected virtual string Settings => "";

    private void Clip(IList<Tensor> gradients)
    {
        using var scope = NewDisposeScope();
        foreach (var gradient in gradients)
        {
            if (ClipValue is { } most)
                gradient.Limit(most);
            if (ClipNorm is { } length)
                Shorten([gradient], length, gradient.norm().item<float>());
        }
        if (GlobalClipNorm is { } together)
            Shorten(gradients, together, Math.Sqrt(gradients.Sum(g => Math.Pow(g.norm().item<float>(), 2))));
    }

    private static void Shorten(IEnumerable<Tensor> gradients, double length, double now)
    {
        if (now <= length)
            return;
        foreach (var gradient in gradients)
            gradient.MultiplyBy(length / now);
    }

    private static double NotNegative(double value, string name) => double.IsFinite(value) && value >= 0
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a finite number of 0 or more.");

    private static double? Positive(double? value, string name) => value is null or > 0 && !double.IsInfinity(value ?? 0)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a finite number over 0.");

    private protected static double Epsilon(double value, string name) => double.IsFinite(value) && value > 0
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is a number over 0.");

    private static Optimizer FromText(string text)
    {
        var parts = text.Split(':', 2, StringSplitOptions.TrimEntries);
        LearningRateSchedule? rate = parts.Length == 1 ? null
            : double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw new FormatException($"'{parts[1]}' is no learning rate.");
        return parts[0].ToLowerInvariant() switch
        {
            "adam" => new Adam(rate),
            "adamw" => new AdamW(rate),
            "sgd" => new Sgd(rate),
            "rmsprop" => new RmsProp(rate),
            _ => throw new FormatException(
                $"'{text}' is no optimizer. Known are adam, adamw, rmsprop and sgd, alone or with a learning rate: adam:0.001."),
        };
    }

    private sealed class Converter() : TextConverter<Optimizer>(FromText);

    private protected static double Share(double value, string name) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from 0 to under 1.");
}

/// <summary>Represents gradient descent with optional momentum (Keras: <c>SGD</c>).</summary>
public sealed class Sgd : Optimizer
{
    private readonly double _momentum;
    private readonly bool _nesterov;

    /// <summary>Initializes gradient descent.</summary>
    /// <param name="learningRate">The learning rate. Defaults to 0.01.</param>
    /// <param name="momentum">The fraction of each step that the next one repeats, from 0 to under 1.</param>
    /// <param name="nesterov">Whether to use Nesterov momentum.</param>
    public Sgd(LearningRateSchedule? learningRate = null, double momentum = 0, bool nesterov = false) : base(learningRate ?? 0.01) =>
        (_momentum, _nesterov) = (Share(momentum, nameof(momentum)), nesterov);

    internal override int SlotCount => _momentum > 0 ? 1 : 0;

    internal override void Update(Tensor weight, Tensor gradient, Tensor[] slots, double rate, long step)
    {
        if (_momentum == 0)
        {
            weight.Increase(gradient, -rate);
            return;
        }
        var velocity = slots[0].MultiplyBy(_momentum).Increase(gradient, -rate);
        if (_nesterov)
            weight.Increase(velocity, _momentum).Increase(gradient, -rate);
        else
            weight.Increase(velocity);
    }

    private protected override (string Key, JsonNode? Value)[] KerasSettings => [("momentum", _momentum), ("nesterov", _nesterov)];

    private protected override string Settings =>
        string.Create(CultureInfo.InvariantCulture, $", momentum {_momentum:R}{(_nesterov ? " nesterov" : "")}");
}

/// <summary>Represents the Adam optimizer (Keras: <c>Adam</c>).</summary>
public sealed class Adam : Optimizer
{
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;

    /// <summary>Initializes the optimizer.</summary>
    /// <param name="learningRate">The learning rate. Defaults to 0.001.</param>
    /// <param name="beta1">The decay rate of the mean of the gradient, from 0 to under 1.</param>
    /// <param name="beta2">The decay rate of the mean of its square, from 0 to under 1.</param>
    /// <param name="epsilon">The number that is added to the divisor, so that it is not zero.</param>
    public Adam(LearningRateSchedule? learningRate = null, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7)
        : base(learningRate ?? 0.001) =>
        (_beta1, _beta2, _epsilon) = (Share(beta1, nameof(beta1)), Share(beta2, nameof(beta2)), Epsilon(epsilon, nameof(epsilon)));

    internal override int SlotCount => 2;

    internal override void Update(Tensor weight, Tensor gradient, Tensor[] slots, double rate, long step)
    {
        var corrected = rate * Math.Sqrt(1 - Math.Pow(_beta2, step)) / (1 - Math.Pow(_beta1, step));
        var mean = slots[0].MultiplyBy(_beta1).Increase(gradient, 1 - _beta1);
        var square = slots[1].MultiplyBy(_beta2).IncreaseByProduct(gradient, gradient, 1 - _beta2);
        weight.IncreaseByQuotient(mean, square.sqrt().Increase(_epsilon), -corrected);
    }

    private protected override (string Key, JsonNode? Value)[] KerasSettings => Moments;

    internal (string Key, JsonNode? Value)[] Moments => [("beta_1", _beta1), ("beta_2", _beta2), ("epsilon", _epsilon), ("amsgrad", false)];

    private protected override string Settings => string.Create(CultureInfo.InvariantCulture, $", {_beta1:R}, {_beta2:R}, {_epsilon:R}");
}

/// <summary>Represents <see cref="Adam"/> with weight decay (Keras: <c>AdamW</c>).</summary>
public sealed class AdamW : Optimizer
{
    private readonly Adam _rule;

    /// <inheritdoc cref="Adam(LearningRateSchedule?, double, double, double)"/>
    public AdamW(LearningRateSchedule? learningRate = null, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7)
        : base(learningRate ?? 0.001) =>
        (_rule, WeightDecay) = (new(LearningRate, beta1, beta2, epsilon), 0.004);

    internal override int SlotCount => _rule.SlotCount;

    internal override void Update(Tensor weight, Tensor gradient, Tensor[] slots, double rate, long step) =>
        _rule.Update(weight, gradient, slots, rate, step);

    private protected override (string Key, JsonNode? Value)[] KerasSettings => _rule.Moments;

    private protected override string Settings => $", {_rule}";
}
