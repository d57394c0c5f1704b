namespace TransferKit.Graph;

/// <summary>Represents the rule for a weight's initial values (Keras: <c>initializers</c>).</summary>
internal abstract record Initializer
{
    private Initializer() { }

    public sealed record Constant(float Value) : Initializer;

    /// <summary>Represents Keras' <c>VarianceScaling</c>, of which Glorot's and He's initializers are cases.</summary>
    public sealed record VarianceScaling(double Scale, FanMode Mode, Distribution Distribution) : Initializer;

    /// <summary>Represents a normal distribution with mean 0, truncated at two standard deviations.</summary>
    public sealed record TruncatedNormal(double StdDev) : Initializer;

    public static Initializer Zeros { get; } = new Constant(0);
    public static Initializer Ones { get; } = new Constant(1);
    public static Initializer GlorotUniform { get; } = new VarianceScaling(1, FanMode.Average, Distribution.Uniform);
    public static Initializer HeNormal { get; } = new VarianceScaling(2, FanMode.In, Distribution.TruncatedNormal);
}

/// <summary>Specifies the divisor of <see cref="Initializer.VarianceScaling"/>.</summary>
internal enum FanMode { In, Out, Average }

/// <summary>Specifies the distribution of <see cref="Initializer.VarianceScaling"/>.</summary>
internal enum Distribution { Uniform, TruncatedNormal }
