using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>The properties that all inverted residuals of a family share.</summary>
internal sealed record InvertedResidualStyle
{
    public required BatchNormalization Norm { get; init; }
    public required ConvNames Expand { get; init; }
    public required ConvNames Depthwise { get; init; }
    public required ConvNames Project { get; init; }

    /// <summary>The name of the padding layer before a stride of 2; null if the convolution pads itself.</summary>
    public string? Pad { get; init; }

    /// <summary>Whether the block's input is the first summand.</summary>
    public bool InputFirst { get; init; }

    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;
}

/// <summary>
/// The block that MobileNets and EfficientNets share: expansion, depthwise convolution, optional squeeze and excitation, and
/// projection. It adds the input if the shapes allow. A fused block expands and convolves at once.
/// </summary>
internal sealed record InvertedResidual(double Expansion, int Filters, Extent Kernel, int Stride, LayerOp Activation)
{
    public bool Fused { get; init; }

    /// <summary>The rate of stochastic depth: the share of samples for which training skips the block.</summary>
    public double DropRate { get; init; }

    /// <summary>The function that writes squeeze and excitation over the convolved channels; null for none.</summary>
    public Func<Layer, Layer>? Excite { get; init; }

    public Layer Write(GraphBuilder g, Layer input, InvertedResidualStyle style, string prefix)
    {
        var x = input;
        var channels = input.OutputShape.Channels;
        var expands = Expansion != 1;

        if (expands)
            x = Convolve(x, Channels.Divisible(channels * Expansion), Fused, Activation, style.Expand);
        if (!Fused)
            x = ConvolveEachChannel(x);
        if (Excite is not null)
            x = Excite(x);
        x = Convolve(x, Filters, whole: Fused && !expands, Fused && !expands ? Activation : null, style.Project);

        if (Stride > 1 || channels != Filters)
            return x;
        if (DropRate > 0)
            x = g.Add(new Dropout(DropRate) { PerSample = true }, prefix + "drop", x);
        return style.InputFirst ? g.Sum(input, x, prefix + "add") : g.Sum(x, input, prefix + "add");

        Layer Convolve(Layer x, int filters, bool whole, LayerOp? activation, ConvNames names)
        {
            var convolution = new Conv2D(filters, whole ? Kernel : 1, whole ? Stride : 1, Padding.Same)
            {
                UseBias = false,
                KernelInitializer = style.KernelInitializer,
            };
            return g.ConvBlock(x, convolution, style.Norm, activation, names.After(prefix));
        }

        Layer ConvolveEachChannel(Layer x)
        {
            var padsBefore = style.Pad is not null && Stride > 1;
            if (padsBefore)
                x = g.PadForStride(x, Kernel, prefix + style.Pad);
            var convolution = new DepthwiseConv2D(Kernel, Stride, padsBefore ? Padding.Valid : Padding.Same)
            {
                UseBias = false,
                DepthwiseInitializer = style.KernelInitializer,
            };
            return g.ConvBlock(x, convolution, style.Norm, Activation, style.Depthwise.After(prefix));
        }
    }
}
