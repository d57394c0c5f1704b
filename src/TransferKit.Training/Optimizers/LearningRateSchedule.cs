using System.Globalization;

namespace TransferKit.Training;

/// <summary>
/// Represents the learning rate of each step (Keras: <c>LearningRateSchedule</c>). A number converts to a constant rate.
/// </summary>
public abstract class LearningRateSchedule
{
    private protected LearningRateSchedule(double initial) => Initial = double.IsFinite(initial) && initial > 0
        ? initial
        : throw new ArgumentOutOfRangeException(nameof(initial), initial, "A learning rate must be a number over 0, such as 0.001.");

    /// <summary>Gets the rate at the start, or after the warm-up.</summary>
    public double Initial { get; }

    /// <summary>
    /// Over how many steps the rate first rises from 0, which is the rate of the first step (Keras: <c>warmup_steps</c>, with
    /// an <c>initial_learning_rate</c> of 0 and the rate as <c>warmup_target</c>).
    /// </summary>
    public long WarmUpSteps
    {
        get;
        init => field = value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The number of warm-up steps must be 0 or more.");
    }

    /// <summary>Converts a number to a constant rate.</summary>
    /// <param name="rate">The rate.</param>
    public static implicit operator LearningRateSchedule(double rate) => FromDouble(rate);

    /// <summary>Creates a constant rate.</summary>
    /// <param name="rate">The rate.</param>
    public static LearningRateSchedule FromDouble(double rate) => new ConstantRate(rate);

    /// <summary>Gets the rate at a step.</summary>
    /// <param name="step">The number of the step, from 0.</param>
    /// <param name="totalSteps">The number of steps of the fit.</param>
    public double At(long step, long totalSteps) => step < WarmUpSteps
        ? Initial * step / WarmUpSteps
        : After(step - WarmUpSteps, Math.Max(1, totalSteps - WarmUpSteps));

    private protected abstract double After(long step, long steps);

    /// <summary>Gets whether <see cref="At"/> depends on the number of steps of the fit.</summary>
    internal abstract bool DependsOnLength { get; }

    /// <summary>Returns the schedule and its settings as text.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{GetType().Name}({Initial:R}, warm-up {WarmUpSteps})");
}

/// <summary>Represents a constant rate after the warm-up.</summary>
/// <param name="rate">The rate.</param>
public sealed class ConstantRate(double rate) : LearningRateSchedule(rate)
{
    internal override bool DependsOnLength => false;

    private protected override double After(long step, long steps) => Initial;
}

/// <summary>Represents a rate that decays along half a cosine (Keras: <c>CosineDecay</c>).</summary>
public sealed class CosineDecay : LearningRateSchedule
{
    /// <summary>Initializes a decay from a rate to a fraction of it.</summary>
    /// <param name="initial">The rate at the start (Keras: <c>initial_learning_rate</c>).</param>
    /// <param name="alpha">The fraction of the rate at the end, from 0 to 1.</param>
    public CosineDecay(double initial, double alpha = 0) : base(initial) => Alpha = alpha is >= 0 and <= 1
        ? alpha
        : throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "The fraction at the end must be from 0 to 1.");

    /// <summary>Gets the fraction of the rate at the end.</summary>
    public double Alpha { get; }

    /// <summary>Gets the number of steps of the decay (Keras: <c>decay_steps</c>). Defaults to the rest of the fit.</summary>
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
