using System.Collections.Immutable;

namespace TransferKit.Graph;

/// <summary>Specifies Keras' <c>padding</c>. TensorFlow's "same" puts an odd pixel below and to the right.</summary>
internal enum Padding { Valid, Same }

/// <summary>Represents the height and width of a kernel, a window or a stride.</summary>
internal readonly record struct Extent(int Height, int Width)
{
    public static implicit operator Extent(int side) => new(side, side);
    public int[] ToConfig() => [Height, Width];
}

/// <summary>Computes the output shape of a sliding window, for convolutions and poolings.</summary>
internal static class Window
{
    public static Shape Slide(Shape input, Extent kernel, Extent strides, Padding padding, int channels, Extent? dilation = null)
    {
        var d = dilation ?? 1;
        var height = Length(input.Height, kernel.Height, strides.Height, padding, d.Height);
        var width = Length(input.Width, kernel.Width, strides.Width, padding, d.Width);
        if (!input.IsMap || height < 1 || width < 1)
            throw new ArgumentException($"a window of {kernel.Height}x{kernel.Width} does not fit into {input}");
        if (channels < 1)
            throw new ArgumentException("there are no filters");
        return Shape.Map(height, width, channels);
    }

    // Numbers of files may be absurd, so a result that does not fit is an error.
    private static int Length(int size, int kernel, int stride, Padding padding, int dilation) => checked(padding == Padding.Same
        ? (size + stride - 1) / stride
        : (size - ((kernel - 1) * dilation + 1)) / stride + 1);

    /// <summary>Gets the number of rows or columns that "same" adds before and after one dimension.</summary>
    public static (int Before, int After) SamePads(int size, int kernel, int stride, int dilation = 1)
    {
        var reach = checked((kernel - 1) * dilation + 1);
        var total = checked(Math.Max(((size + stride - 1) / stride - 1) * stride + reach - size, 0));
        return (total / 2, total - total / 2);
    }

    public static string KerasName(this Padding padding) => padding == Padding.Same ? "same" : "valid";
}

internal sealed record Conv2D(int Filters, Extent Kernel, Extent Strides, Padding Padding) : LayerOp
{
    public ActivationKind? Activation { get; init; }
    public bool UseBias { get; init; } = true;
    public Extent Dilation { get; init; } = 1;
    public int Groups { get; init; } = 1;
    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    public override Shape Infer(ReadOnlySpan<Shape> inputs) =>
        inputs[0].Channels % Groups != 0 || Filters % Groups != 0
            ? throw Unfit($"{Groups} groups do not divide {inputs[0].Channels} channels and {Filters} filters")
            : Window.Slide(inputs[0], Kernel, Strides, Padding, Filters, Dilation);

    public override ImmutableArray<WeightSlot> Weights(Shape input)
    {
        var kernel = new WeightSlot("kernel", [Kernel.Height, Kernel.Width, input.Channels / Groups, Filters], KernelInitializer);
        return UseBias ? [kernel, new("bias", [Filters], Initializer.Zeros)] : [kernel];
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
    [
        Entry("filters", Filters), Entry("kernel", Kernel.ToConfig()), Entry("strides", Strides.ToConfig()),
        Entry("padding", Padding.KerasName()), Entry("activation", Activation.KerasName()), Entry("use_bias", UseBias),
        Entry("dilation", Dilation.ToConfig()), Entry("groups", Groups),
    ];
}

internal sealed record DepthwiseConv2D(Extent Kernel, Extent Strides, Padding Padding) : LayerOp
{
    public int DepthMultiplier { get; init; } = 1;
    public ActivationKind? Activation { get; init; }
    public bool UseBias { get; init; } = true;
    public Extent Dilation { get; init; } = 1;
    public Initializer DepthwiseInitializer { get; init; } = Initializer.GlorotUniform;

    public override Shape Infer(ReadOnlySpan<Shape> inputs) =>
        Window.Slide(inputs[0], Kernel, Strides, Padding, checked(inputs[0].Channels * DepthMultiplier), Dilation);

    public override ImmutableArray<WeightSlot> Weights(Shape input)
    {
        var kernel = new WeightSlot(
            "depthwise_kernel", [Kernel.Height, Kernel.Width, input.Channels, DepthMultiplier], DepthwiseInitializer);
        return UseBias ? [kernel, new("bias", [input.Channels * DepthMultiplier], Initializer.Zeros)] : [kernel];
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
    [
        Entry("kernel", Kernel.ToConfig()), Entry("strides", Strides.ToConfig()), Entry("padding", Padding.KerasName()),
        Entry("activation", Activation.KerasName()), Entry("use_bias", UseBias),
        Entry("depth_multiplier", DepthMultiplier), Entry("dilation", Dilation.ToConfig()),
    ];
}

/// <summary>Represents a depthwise convolution followed by a 1x1 convolution, one layer in Keras.</summary>
internal sealed record SeparableConv2D(int Filters, Extent Kernel, Extent Strides, Padding Padding) : LayerOp
{
    public int DepthMultiplier { get; init; } = 1;
    public Extent Dilation { get; init; } = 1;
    public ActivationKind? Activation { get; init; }
    public bool UseBias { get; init; } = true;
    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    public override Shape Infer(ReadOnlySpan<Shape> inputs) =>
        Window.Slide(inputs[0], Kernel, Strides, Padding, Filters, Dilation);

    public override ImmutableArray<WeightSlot> Weights(Shape input)
    {
        var depthwise = new WeightSlot(
            "depthwise_kernel", [Kernel.Height, Kernel.Width, input.Channels, DepthMultiplier], KernelInitializer);
        var pointwise = new WeightSlot("pointwise_kernel", [1, 1, checked(input.Channels * DepthMultiplier), Filters], KernelInitializer);
        return UseBias ? [depthwise, pointwise, new("bias", [Filters], Initializer.Zeros)] : [depthwise, pointwise];
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
    [
        Entry("filters", Filters), Entry("kernel", Kernel.ToConfig()), Entry("strides", Strides.ToConfig()),
        Entry("padding", Padding.KerasName()), Entry("activation", Activation.KerasName()), Entry("use_bias", UseBias),
    ];
}

/// <summary>Represents a transposed convolution, which enlarges a map (Keras: <c>Conv2DTranspose</c>).</summary>
internal sealed record Conv2DTranspose(int Filters, Extent Kernel, Extent Strides, Padding Padding) : LayerOp
{
    /// <summary>Gets the rows and columns that are added to the output; null for TensorFlow's choice.</summary>
    public (int Height, int Width)? OutputPadding { get; init; }
    public ActivationKind? Activation { get; init; }
    public bool UseBias { get; init; } = true;
    public Extent Dilation { get; init; } = 1;
    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    public override Shape Infer(ReadOnlySpan<Shape> inputs)
    {
        if (!inputs[0].IsMap)
            throw Unfit($"{inputs[0]} is not a map");
        var (rows, columns) = Sides;
        var (height, width) = (rows.Length(inputs[0].Height), columns.Length(inputs[0].Width));
        return height >= 1 && width >= 1
            ? Shape.Map(height, width, Filters)
            : throw Unfit($"an output of {height}x{width} pixels is empty");
    }

    /// <summary>Gets the crops of the full product in both dimensions.</summary>
    public (TransposedSide Rows, TransposedSide Columns) Sides =>
    (
        new(Kernel.Height, Strides.Height, Dilation.Height, Padding, OutputPadding?.Height),
        new(Kernel.Width, Strides.Width, Dilation.Width, Padding, OutputPadding?.Width)
    );

    public override ImmutableArray<WeightSlot> Weights(Shape input)
    {
        var kernel = new WeightSlot("kernel", [Kernel.Height, Kernel.Width, Filters, input.Channels], KernelInitializer);
        return UseBias ? [kernel, new("bias", [Filters], Initializer.Zeros)] : [kernel];
    }

    public override ImmutableArray<KeyValuePair<string, object?>> Config =>
    [
        Entry("filters", Filters), Entry("kernel", Kernel.ToConfig()), Entry("strides", Strides.ToConfig()),
        Entry("padding", Padding.KerasName()), Entry("activation", Activation.KerasName()), Entry("use_bias", UseBias),
        Entry("dilation", Dilation.ToConfig()),
    ];
}

/// <summary>
/// Represents one dimension of a transposed convolution. The full product has <c>(n - 1) * stride + reach</c> places, of which TensorFlow
/// crops some before and after (Keras: <c>compute_conv_transpose_output_crops_for_torch</c>). A negative crop adds places.
/// </summary>
internal readonly record struct TransposedSide(int Before, int After, int Reach, int Stride)
{
    public TransposedSide(int kernel, int stride, int dilation, Padding padding, int? outputPadding)
        : this(0, 0, checked((kernel - 1) * dilation + 1), stride)
    {
        checked
        {
            if (padding == Padding.Valid)
            {
                After = -(outputPadding ?? Math.Max(Reach, stride) - Reach);
                return;
            }
            var added = outputPadding is { } given ? Reach + Reach % 2 - 2 + given : stride + Reach - 2;
            Before = Reach - 1 - Math.Min(added / 2 + added % 2, Reach - 1);
            After = (outputPadding is { } own ? Reach - Reach % 2 - own : Reach - stride) - Before;
        }
    }

    public int Length(int input) => checked((input - 1) * Stride + Reach - Before - After);
}
