using System.ComponentModel;
using TransferKit.Backbones.Trained;
using TransferKit.Common;
using TransferKit.Graph;

namespace TransferKit.Training;

/// <summary>Specifies the activation function of a dense layer (Keras: <c>activation</c>).</summary>
public enum HeadActivation
{
    /// <summary>Returns the input.</summary>
    Linear,

    /// <summary>Replaces negative numbers by zero.</summary>
    Relu,

    /// <summary>Maps the input to numbers between 0 and 1 by the logistic function.</summary>
    Sigmoid,

    /// <summary>Multiplies the input by its sigmoid.</summary>
    Swish,

    /// <summary>Multiplies the input by its cumulative normal distribution.</summary>
    Gelu,
}

/// <summary>
/// Represents the layers behind a backbone: <c>Head.Linear.Dense(256).Dropout(0.2)</c>. The model appends the last dense
/// layer, with one unit per output. The object is immutable.
/// </summary>
[TypeConverter(typeof(Converter))]
public sealed class Head
{
    private Head(HeadSpec spec) => Spec = spec;

    /// <summary>Gets the head of the last dense layer alone, on pooled features.</summary>
    public static Head Linear { get; } = new(HeadSpec.Linear);

    internal HeadSpec Spec { get; }

    /// <summary>
    /// Parses a head from text: <c>linear</c>, <c>dense:256,dropout:0.2</c>, <c>flatten,dense:64:gelu</c> or
    /// <c>batch_normalization</c>.
    /// </summary>
    /// <param name="text">The layers, separated by commas.</param>
    /// <exception cref="FormatException">A layer is invalid.</exception>
    /// <exception cref="ArgumentException">The layers do not fit each other.</exception>
    public static Head Parse(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return new(HeadSpec.Parse(text));
    }

    /// <summary>Returns the head with another dense layer.</summary>
    /// <param name="units">The number of units.</param>
    /// <param name="activation">The activation function.</param>
    public Head Dense(int units, HeadActivation activation = HeadActivation.Relu) => new(Spec.With(HeadSpec.OfDense(units, activation switch
    {
        HeadActivation.Linear => null,
        HeadActivation.Relu => ActivationKind.Relu,
        HeadActivation.Sigmoid => ActivationKind.Sigmoid,
        HeadActivation.Swish => ActivationKind.Swish,
        HeadActivation.Gelu => ActivationKind.Gelu,
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    })));

    /// <summary>Returns the head with another dropout layer, which is active in training only.</summary>
    /// <param name="rate">The fraction of values to drop, from 0 to under 1.</param>
    public Head Dropout(double rate) => new(Spec.With(HeadSpec.OfDropout(rate)));

    /// <summary>Returns the head with another batch normalisation.</summary>
    public Head BatchNormalization() => new(Spec.With(new BatchNormalization()));

    /// <summary>Returns a head on the flattened feature map instead of pooled features.</summary>
    /// <exception cref="ArgumentException">The head has other layers already.</exception>
    public Head Flatten() => new(Spec.With(new Flatten()));

    /// <summary>Returns the head as text for <see cref="Parse"/>.</summary>
    public override string ToString() => Spec.ToString();

    private sealed class Converter() : TextConverter<Head>(Parse);
}
