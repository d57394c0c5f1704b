using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>Represents a layer that computes each output element from one input element, so the shape does not change.</summary>
internal abstract record ElementwiseOp : LayerOp
{
    public sealed override Shape Infer(ReadOnlySpan<Shape> inputs) => inputs[0];
}

internal sealed record Activation(ActivationKind? Kind) : ElementwiseOp
{
    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("activation", Kind.KerasName())];
}

internal sealed record ReLU(double? MaxValue = null) : ElementwiseOp
{
    /// <summary>Gets the slope below the threshold (Keras: <c>negative_slope</c>).</summary>
    public double NegativeSlope { get; init; }

    /// <summary>Gets the number below which the slope holds (Keras: <c>threshold</c>).</summary>
    public double Threshold { get; init; }

    /// <summary>Gets whether only the maximum differs from the plain function.</summary>
    public bool IsPlain => NegativeSlope == 0 && Threshold == 0;

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("max_value", MaxValue)];
}

/// <summary>Represents a dropout layer, which changes its input only in training.</summary>
internal sealed record Dropout(double Rate) : ElementwiseOp
{
    /// <summary>Gets whether whole samples are dropped (Keras: <c>noise_shape=(None, 1, 1, 1)</c>, stochastic depth).</summary>
    public bool PerSample { get; init; }
}

/// <summary>Represents <c>x * scale + offset</c>. Scale and offset are one number, or one for each channel.</summary>
internal sealed record Rescaling(ImmutableArray<double> Scale, ImmutableArray<double> Offset) : ElementwiseOp
{
    public Rescaling(double scale, double offset = 0) : this([scale], [offset]) { }

    public override ImmutableArray<KeyValuePair<string, object?>> Config => [Entry("scale", Plain(Scale)), Entry("offset", Plain(Offset))];

    private static object Plain(ImmutableArray<double> numbers) => numbers.Length == 1 ? numbers[0] : numbers.ToArray();
}

/// <summary>Represents the operator <c>x + 3.0</c> on a layer, which Keras turns into a layer <c>Add</c> with one input.</summary>
internal sealed record AddConstant(double Constant) : ElementwiseOp
{
    public override string TypeName => "Add";
}

/// <summary>Represents the operator <c>x * 0.5</c> on a layer, which Keras turns into a layer <c>Multiply</c> with one input.</summary>
internal sealed record MultiplyConstant(double Constant) : ElementwiseOp
{
    public override string TypeName => "Multiply";
}

/// <summary>Represents a layer that only training changes, such as <c>RandomFlip</c> or <c>GaussianNoise</c>.</summary>
internal sealed record PassThrough(string ClassName) : ElementwiseOp
{
    public override string TypeName => ClassName;

    /// <summary>Gets whether training changes the output, unlike for the operators that <c>Identity</c> stands for.</summary>
    public bool ChangesInTraining => ClassName is not "Identity";
}
