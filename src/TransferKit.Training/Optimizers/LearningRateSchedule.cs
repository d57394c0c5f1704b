using System.Globalization;

namespace TransferKit.Training;

/// <summary>How large each step is; a number converts to one that stays (Keras: <c>learning_rate</c>, <c>LearningRateSchedule</c>).</summary>
public abstract class LearningRateSchedule
{
    private protected LearningRateSchedule(double initial) => Initial = double.IsFinite(initial) && initial > 0
        ? initial
        : throw new ArgumentOutOfRangeException(nameof(initial), initial, "A learning rate is a number over 0, such as 0.001.");

    /// <summary>The rate at the start, or after the warm-up.</summary>
    public double Initial { get; }

    /// <summary>
    /// Over how many steps the rate first rises from 0, which is the rate of the first step (Keras: <c>warmup_steps</c>, with
    /// an <c>initial_learning_rate</c> of 0 and the rate as <c>warmup_target</c>).
    /// </summary>
    public long WarmUpSteps
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A number of steps is not negative.");
    }

    /// <summary>A rate that stays the same.</summary>
    /// <param name="rate">The rate.</param>
    public static implicit operator LearningRateSchedule(double rate) => FromDouble(rate);

    /// <summary>A rate that stays the same.</summary>
    /// <param name="rate">The rate.</param>
    public static LearningRateSchedule FromDouble(double rate) => new ConstantRate(rate);

    /// <summary>The rate at a step of the run.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="totalSteps">How many there will be.</param>
    public double At(long step, long totalSteps) => step < WarmUpSteps
        ? Initial * step / WarmUpSteps
        : After(step - WarmUpSteps, Math.Max(1, totalSteps - WarmUpSteps));

    private protected abstract double After(long step, long steps);

    /// <summary>Whether <see cref="At"/> depends on how long the run is.</summary>
    internal abstract bool DependsOnLength { get; }

    /// <summary>The schedule and its settings.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{GetType().Name}({Initial:R}, warm-up {WarmUpSteps})");
}

/// <summary>Stays the same, after the warm-up if there is one.</summary>
/// <param name="rate">The rate.</param>
public sealed class ConstantRate(double rate) : LearningRateSchedule(rate)
{
    internal override bool DependsOnLength => false;

    private protected override double After(long step, long steps) => Initial;
}

/// <summary>Falls along half a cosine (Keras: <c>CosineDecay</c>).</summary>
public sealed class CosineDecay : LearningRateSchedule
{
    /// <summary>Falls from a rate to a share of it.</summary>
    /// <param name="initial">The rate at the start (Keras: <c>initial_learning_rate</c>).</param>
    /// <param name="alpha">The share that is left at the end, from 0 to 1.</param>
    public CosineDecay(double initial, double alpha = 0) : base(initial) => Alpha = alpha is >= 0 and <= 1
        ? alpha
        : throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "The share that is left is from 0 to 1.");

    /// <summary>The share that is left at the end.</summary>
    public double Alpha { get; }

    /// <summary>Over how many steps it falls (Keras: <c>decay_steps</c>); the rest of the run when left out.</summary>
    public long? DecaySteps { get; init; }

    internal override bool DependsOnLength => DecaySteps is null;

    private protected override double After(long step, long steps)
    {
        var share = Math.Min(1, (double)step / (DecaySteps ?? steps));
        return Initial * ((1 - Alpha) * 0.5 * (1 + Math.Cos(Math.PI * share)) + Alpha);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{base.ToString()} to {Alpha:R} in {DecaySteps}");
}
