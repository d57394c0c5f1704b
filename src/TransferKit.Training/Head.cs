using System.ComponentModel;
using TransferKit.Backbones.Trained;
using TransferKit.Common;
using TransferKit.Graph;

namespace TransferKit.Training;

/// <summary>The activation functions of a head's dense layers (Keras: <c>activation</c>).</summary>
public enum HeadActivation
{
    /// <summary>None.</summary>
    Linear,

    /// <summary>What is negative becomes zero.</summary>
    Relu,

    /// <summary>Between 0 and 1.</summary>
    Sigmoid,

    /// <summary>The input times its sigmoid.</summary>
    Swish,

    /// <summary>The input times the normal distribution up to it.</summary>
    Gelu,
}

/// <summary>
/// What follows a backbone: layers as in Keras, and the last dense layer, which is added by itself as wide as there are
/// classes. Immutable: <c>Head.Linear.Dense(256).Dropout(0.2)</c>.
/// </summary>
[TypeConverter(typeof(Converter))]
public sealed class Head
{
    private Head(HeadSpec spec) => Spec = spec;

    /// <summary>The last dense layer alone, on the pooled features.</summary>
    public static Head Linear { get; } = new(HeadSpec.Linear);

    internal HeadSpec Spec { get; }

    /// <summary>A head from text: <c>linear</c>, or <c>dense:256,dropout:0.2</c>, <c>flatten,dense:64:gelu</c>, <c>batch_normalization</c>.</summary>
    /// <param name="text">The layers, separated by commas.</param>
    /// <exception cref="FormatException">A layer is not understood.</exception>
    /// <exception cref="ArgumentException">The layers do not fit each other.</exception>
    public static Head Parse(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return new(HeadSpec.Parse(text));
    }

    /// <summary>The head with a dense layer more.</summary>
    /// <param name="units">How wide.</param>
    /// <param name="activation">What follows it.</param>
    public Head Dense(int units, HeadActivation activation = HeadActivation.Relu) => new(Spec.With(HeadSpec.OfDense(units, activation switch
    {
        HeadActivation.Linear => null,
        HeadActivation.Relu => ActivationKind.Relu,
        HeadActivation.Sigmoid => ActivationKind.Sigmoid,
        HeadActivation.Swish => ActivationKind.Swish,
        HeadActivation.Gelu => ActivationKind.Gelu,
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    })));

    /// <summary>The head with a dropout more, in training only.</summary>
    /// <param name="rate">The share that is dropped, from 0 to under 1.</param>
    public Head Dropout(double rate) => new(Spec.With(HeadSpec.OfDropout(rate)));

    /// <summary>The head with a batch normalisation more.</summary>
    public Head BatchNormalization() => new(Spec.With(new BatchNormalization()));

    /// <summary>A head that begins with the flattened map in place of the pooled features.</summary>
    /// <exception cref="ArgumentException">It is not the first layer.</exception>
    public Head Flatten() => new(Spec.With(new Flatten()));

    /// <summary>As it is parsed.</summary>
    public override string ToString() => Spec.ToString();

    private sealed class Converter() : TextConverter<Head>(Parse);
}
