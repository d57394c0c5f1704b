namespace TransferKit.Graph;

/// <summary>How a weight starts when no weights are loaded: a rule, not numbers (Keras: <c>initializers</c>).</summary>
internal abstract record Initializer
{
    private Initializer() { }

    public sealed record Constant(float Value) : Initializer;

    /// <summary>Keras' <c>VarianceScaling</c>, of which Glorot and He are rows.</summary>
    public sealed record VarianceScaling(double Scale, FanMode Mode, Distribution Distribution) : Initializer;

    /// <summary>Mean 0, cut at two standard deviations and drawn again.</summary>
    public sealed record TruncatedNormal(double StdDev) : Initializer;

    public static Initializer Zeros { get; } = new Constant(0);
    public static Initializer Ones { get; } = new Constant(1);
    public static Initializer GlorotUniform { get; } = new VarianceScaling(1, FanMode.Average, Distribution.Uniform);
    public static Initializer HeNormal { get; } = new VarianceScaling(2, FanMode.In, Distribution.TruncatedNormal);
}

/// <summary>What a <see cref="Initializer.VarianceScaling"/> divides by.</summary>
internal enum FanMode { In, Out, Average }

/// <summary>What a <see cref="Initializer.VarianceScaling"/> draws from.</summary>
internal enum Distribution { Uniform, TruncatedNormal }
