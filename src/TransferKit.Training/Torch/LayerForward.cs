using TorchSharp;
using TransferKit.Graph;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using Padding = TransferKit.Graph.Padding;

namespace TransferKit.Training.Torch;

/// <summary>Represents the settings of a layer's run besides its inputs.</summary>
/// <param name="Training">Whether the layer runs in training mode.</param>
/// <param name="MayOverwrite">Whether the layer may overwrite its input, because no other layer or gradient reads it.</param>
/// <param name="Random">The generator of dropout.</param>
/// <param name="Momentum">The momentum of batch normalisation, or null for the layer's own.</param>
internal readonly record struct LayerContext(bool Training, bool MayOverwrite, Generator Random, double? Momentum = null);

/// <summary>Runs Keras' layers with libtorch's operators on NCHW tensors.</summary>
internal static class LayerForward
{
    private static readonly long[] Places = [2, 3];

    public static Tensor Run(LayerOp op, Shape shape, IReadOnlyList<Tensor> w, Tensor[] inputs, LayerContext context)
    {
        var x = inputs[0];
        return op switch
        {
            Conv2D o => Activate(
                Convolve(x, w[0], o.UseBias ? w[1] : null, shape, o.Kernel, o.Strides, o.Padding, o.Dilation, o.Groups),
                o.Activation, true),
            DepthwiseConv2D o => Activate(
                Convolve(x, w[0], o.UseBias ? w[1] : null, shape, o.Kernel, o.Strides, o.Padding, o.Dilation, shape.Channels),
                o.Activation, true),
            Conv2DTranspose o => Activate(ConvolveTransposed(o, x, w), o.Activation, true),
            SeparableConv2D o => Activate(
                F.conv2d(
                    MemoryLayout.ChannelsFirst(
                        Convolve(x, w[0], null, shape, o.Kernel, o.Strides, o.Padding, o.Dilation, shape.Channels)),
                    w[1], o.UseBias ? w[2] : null),
                o.Activation, true),
            Dense o => Activate(Linear(x, w[0], o.UseBias ? w[1] : null, shape.IsMap), o.Activation),
            BatchNormalization o => TorchBatchNormalization.Run(
                context.Momentum is { } m ? o with { Momentum = m } : o, x, w, context.Training),
            LayerNormalization o => LayerNorm(x, Gamma(w, o.Scale), Beta(w, o.Scale, o.Center), o.Epsilon, shape),
            GroupNormalization o => F.group_norm(x, o.Groups, Gamma(w, o.Scale), Beta(w, o.Scale, o.Center), o.Epsilon),
            UnitNormalization => x / Norm(x),
            Normalization o => Normalize(o, x, w),
            LayerScale => x * PerChannel(w[0], x),
            Activation o => Activate(x, o.Kind, context.MayOverwrite),
            ReLU { IsPlain: true } o => Relu(x, o.MaxValue, context.MayOverwrite),
            ReLU o => GeneralRelu(o, x),
            LeakyReLU o => x.LeakyRelu(o.NegativeSlope),
            ELU o => x.Elu(o.Alpha),
            ThresholdedReLU o => x * x.Exceeds(o.Theta),
            Softmax => x.softmax(1),
            PReLU => x.relu() - ChannelsFirst(w[0]) * x.neg().relu(),
            Dropout o => Drop(o, x, context),
            PassThrough when !context.Training => x,
            PassThrough o => throw new NotSupportedException(
                $"Layers of type {o.ClassName} cannot be trained: TransferKit augments by FitOptions."),
            Rescaling o => Rescale(o, x),
            AddConstant o => x.Plus(o.Constant),
            MultiplyConstant o => x.Times(o.Constant),
            Arithmetic o => Calculate(o, x),
            TakeChannels o => x.index_select(1, tensor(o.Indices.Select(i => (long)i).ToArray(), device: x.device)),
            MaxPooling2D o => MaxPool(o, x, shape),
            AveragePooling2D o => AveragePool(o, x, shape),
            GlobalAveragePooling2D o => x.mean(Places, o.KeepDims),
            GlobalMaxPooling2D o => x.amax(Places, o.KeepDims),
            ZeroPadding2D o => Pad(x, o.Padding),
            Cropping2D o => x
                .slice(2, o.Cropping.Top, shape.Height - o.Cropping.Bottom, 1)
                .slice(3, o.Cropping.Left, shape.Width - o.Cropping.Right, 1),
            CenterCrop o => Pad(x, Negative(o.EdgesOf(shape))),
            UpSampling2D o => Resize(x, o.Infer([shape]), o.Interpolation),
            Resizing { Interpolation: ResizeFilter.Bilinear } o => Resize(x, o.Infer([shape]), o.Interpolation),
            Flatten => ChannelsLast(x, shape).flatten(1),
            Reshape o => ToMap(ChannelsLast(x, shape).reshape([x.shape[0], .. o.Target.Dimensions.Select(d => (long)d)]), o.Target),
            Add => Sum(inputs),
            Multiply => inputs.Skip(1).Aggregate(x, (product, next) => product * next),
            Subtract => x - inputs[1],
            Divide => x / inputs[1],
            Average => Sum(inputs).Over(inputs.Length),
            Maximum => inputs.Skip(1).Aggregate(x, (most, next) => most.maximum(next)),
            Minimum => inputs.Skip(1).Aggregate(x, (least, next) => least.minimum(next)),
            Dot o => (o.Normalize ? x / Norm(x) * (inputs[1] / Norm(inputs[1])) : x * inputs[1]).sum(1, keepdim: true),
            Permute o when shape.IsMap => ToMap(ChannelsLast(x, shape).permute([0, .. o.Order.Select(d => (long)d)]), shape),
            Permute => x,
            CustomScaleLayer o => x.Plus(inputs[1].Times(o.Scale)),
            Concatenate => cat(inputs, 1),
            Sequential o => RunSteps(o, shape, w, x, context),
            _ => throw new NotSupportedException($"Layers of type {op.TypeName} cannot be trained."),
        };
    }

    /// <summary>Removes the activation of the last layer, because the loss computes it.</summary>
    public static LayerOp WithoutActivation(LayerOp op) => op switch
    {
        Dense dense => dense with { Activation = null },
        Activation or Softmax => new Activation(ActivationKind.Linear),
        _ => op,
    };

    private static Tensor RunSteps(Sequential sequential, Shape shape, IReadOnlyList<Tensor> weights, Tensor x, LayerContext context)
    {
        var taken = 0;
        foreach (var step in sequential.Steps)
        {
            var count = step.Weights(shape).Length;
            x = Run(step, shape, [.. weights.Skip(taken).Take(count)], [x], context with { MayOverwrite = false });
            (taken, shape) = (taken + count, step.Infer([shape]));
        }
        return x;
    }

    private static Tensor Activate(Tensor x, ActivationKind? kind, bool inPlace = false) => kind switch
    {
        null or ActivationKind.Linear => x,
        ActivationKind.Relu => Relu(x, null, inPlace),
        ActivationKind.Sigmoid => x.sigmoid(),
        ActivationKind.Softmax => x.softmax(1),
        ActivationKind.Swish => F.silu(x),
        ActivationKind.HardSwish => F.hardswish(x),
        ActivationKind.Gelu => F.gelu(x),
        ActivationKind.GeluTanh => x * x.Plus((x * x * x).Times(0.044715)).Times(Math.Sqrt(2 / Math.PI)).tanh().Plus(1).Times(0.5),
        ActivationKind.HardSigmoid => F.hardsigmoid(x),
        ActivationKind.Relu6 => Relu(x, 6, inPlace),
        ActivationKind.LeakyRelu => x.LeakyRelu(0.2),
        ActivationKind.Elu or ActivationKind.Celu => x.Elu(1),
        ActivationKind.Selu => F.selu(x),
        ActivationKind.Softplus => x.Softplus(),
        ActivationKind.Softsign => x / x.abs().Plus(1),
        ActivationKind.Squareplus => x.Plus(x.Square().Plus(4).sqrt()).Over(2),
        ActivationKind.Tanh => x.tanh(),
        ActivationKind.HardTanh => x.Between(-1, 1),
        ActivationKind.TanhShrink => x - x.tanh(),
        ActivationKind.SoftShrink => F.softshrink(x, 0.5),
        ActivationKind.HardShrink => F.hardshrink(x, 0.5),
        ActivationKind.Exponential => x.exp(),
        ActivationKind.Mish => x * x.Softplus().tanh(),
        ActivationKind.LogSigmoid => F.logsigmoid(x),
        ActivationKind.LogSoftmax => F.log_softmax(x, 1),
        ActivationKind.SparseSigmoid => x.Times(0.5).Plus(0.5).Between(0, 1),
        ActivationKind.SparsePlus => x.Between(-1, 1).Plus(1).Square().Over(4).Plus(x.Plus(-1).relu()),
        _ => throw new NotSupportedException($"Activation {kind} cannot be trained."),
    };

    // The order of Keras' code: x where it exceeds the threshold, cut at the maximum, less the slope times what lies below.
    private static Tensor GeneralRelu(ReLU o, Tensor x)
    {
        var above = o.Threshold == 0 ? x.relu() : x * x.Exceeds(o.Threshold);
        if (o.MaxValue is { } most)
            above = above.Between(0, most);
        return above - x.neg().Plus(o.Threshold).relu().Times(o.NegativeSlope);
    }

    private static Tensor Calculate(Arithmetic o, Tensor x)
    {
        var constant = o.Constant.Length == 1 ? Constant(o.Constant, x) : PerChannel(Constant(o.Constant, x), x);
        var (a, b) = o.ConstantFirst ? (constant, x) : (x, constant);
        return o.Kind switch
        {
            ArithmeticKind.Add => a.Plus(b),
            ArithmeticKind.Subtract => a - b,
            ArithmeticKind.Multiply => a * b,
            ArithmeticKind.Divide => a / b,
            ArithmeticKind.Maximum => a.maximum(b),
            ArithmeticKind.Minimum => a.minimum(b),
            _ => a.pow(b),
        };
    }

    private static Tensor Sum(Tensor[] inputs) => inputs.Aggregate((sum, next) => sum.Plus(next));

    private static Tensor Norm(Tensor x) => x.Square().sum(1, keepdim: true).NotUnder(1e-12).sqrt();

    private static Tensor? Gamma(IReadOnlyList<Tensor> w, bool scale) => scale ? w[0] : null;

    private static Tensor? Beta(IReadOnlyList<Tensor> w, bool scale, bool center) => center ? w[scale ? 1 : 0] : null;

    // Weights in the order of a map, (height, width, channels), or of a vector.
    private static Tensor ChannelsFirst(Tensor weights) => weights.shape.Length == 3 ? weights.permute(2, 0, 1) : weights;

    private static Tensor Relu(Tensor x, double? max, bool inPlace) => (max, inPlace) switch
    {
        (null, true) => x.relu_(),
        (null, false) => x.relu(),
        (6, _) => F.relu6(x, inPlace),
        ({ } limit, _) => x.Between(0, limit),
    };

    private static Tensor Convolve(
        Tensor x, Tensor kernel, Tensor? bias, Shape shape, Extent size, Extent strides, Padding padding, Extent dilation, int groups)
    {
        var pads = Pads(shape, size, strides, padding, dilation);
        var symmetric = pads.Top == pads.Bottom && pads.Left == pads.Right;
        return F.conv2d(
            MemoryLayout.ChannelsFirst(symmetric ? x : Pad(x, pads)), kernel, bias, [strides.Height, strides.Width],
            symmetric ? [pads.Top, pads.Left] : [0, 0], [dilation.Height, dilation.Width], groups);
    }

    // The full product is cropped, and what padding adds holds the bias alone, so the bias comes last.
    private static Tensor ConvolveTransposed(Conv2DTranspose o, Tensor x, IReadOnlyList<Tensor> w)
    {
        var (rows, columns) = o.Sides;
        var whole = F.conv_transpose2d(
            MemoryLayout.ChannelsFirst(x), w[0], null, [o.Strides.Height, o.Strides.Width], [0, 0], [0, 0],
            [o.Dilation.Height, o.Dilation.Width]);
        var cropped = Pad(whole, Negative(new(rows.Before, rows.After, columns.Before, columns.After)));
        return o.UseBias ? cropped.Plus(w[1].view(1, -1, 1, 1)) : cropped;
    }

    private static Tensor Resize(Tensor x, Shape to, ResizeFilter filter) => F.interpolate(
        x, [to.Height, to.Width], mode: filter == ResizeFilter.Nearest ? InterpolationMode.Nearest : InterpolationMode.Bilinear,
        align_corners: filter == ResizeFilter.Nearest ? null : false);

    private static Edges Negative(Edges edges) => new(-edges.Top, -edges.Bottom, -edges.Left, -edges.Right);

    private static Tensor MaxPool(MaxPooling2D o, Tensor x, Shape shape)
    {
        var pads = Pads(shape, o.Pool, o.Strides, o.Padding, 1);
        var padded = pads == 0 ? x : Pad(x, pads, double.NegativeInfinity);
        return F.max_pool2d(padded, [o.Pool.Height, o.Pool.Width], [o.Strides.Height, o.Strides.Width]);
    }

    // TensorFlow's mean ignores padding, and torch cannot do so for asymmetric padding. The means with zeros are therefore
    // divided by each window's fraction of unpadded pixels.
    private static Tensor AveragePool(AveragePooling2D o, Tensor x, Shape shape)
    {
        var pads = Pads(shape, o.Pool, o.Strides, o.Padding, 1);
        if (pads == 0)
            return Mean(x);
        var share = Mean(Pad(ones([1, 1, shape.Height, shape.Width], x.dtype, x.device), pads));
        return Mean(Pad(x, pads)) / share;

        Tensor Mean(Tensor from) => F.avg_pool2d(from, [o.Pool.Height, o.Pool.Width], [o.Strides.Height, o.Strides.Width]);
    }

    private static Edges Pads(Shape shape, Extent size, Extent strides, Padding padding, Extent dilation)
    {
        if (padding == Padding.Valid)
            return 0;
        var (top, bottom) = Window.SamePads(shape.Height, size.Height, strides.Height, dilation.Height);
        var (left, right) = Window.SamePads(shape.Width, size.Width, strides.Width, dilation.Width);
        return new(top, bottom, left, right);
    }

    private static Tensor Pad(Tensor x, Edges edges, double value = 0) =>
        F.pad(x, (edges.Left, edges.Right, edges.Top, edges.Bottom), PaddingModes.Constant, value);

    // Dense works on the last axis, as torch's linear does. Maps are permuted, because Keras' last axis holds the channels.
    private static Tensor Linear(Tensor x, Tensor kernel, Tensor? bias, bool isMap) => isMap
        ? F.linear(x.permute(0, 2, 3, 1), kernel, bias!).permute(0, 3, 1, 2)
        : F.linear(x, kernel, bias!);

    private static Tensor LayerNorm(Tensor x, Tensor? gamma, Tensor? beta, double epsilon, Shape shape) => shape.IsMap
        ? F.layer_norm(x.permute(0, 2, 3, 1), [shape.Channels], gamma, beta, epsilon).permute(0, 3, 1, 2)
        : F.layer_norm(x, [shape.Channels], gamma, beta, epsilon);

    // Keras bounds the deviation by epsilon, not the variance.
    private static Tensor Normalize(Normalization o, Tensor x, IReadOnlyList<Tensor> w)
    {
        var mean = o.Mean is { } m ? Constant(m, x) : w[0];
        var variance = o.Variance is { } v ? Constant(v, x) : w[1];
        return (x - PerChannel(mean, x)) / PerChannel(variance.sqrt().NotUnder(1e-7), x);
    }

    private static Tensor Rescale(Rescaling o, Tensor x)
    {
        var scaled = o.Scale is [var scale] ? x.Times(scale) : x * PerChannel(Constant(o.Scale, x), x);
        return o.Offset is [var offset] ? scaled.Plus(offset) : scaled.Plus(PerChannel(Constant(o.Offset, x), x));
    }

    private static Tensor Drop(Dropout o, Tensor x, LayerContext context)
    {
        if (!context.Training || o.Rate == 0)
            return x;
        long[] mask = o.PerSample ? [x.shape[0], .. Enumerable.Repeat(1L, x.shape.Length - 1)] : x.shape;
        // The seeded generator lives on the CPU, so that all devices draw the same mask.
        var isRetained = rand(mask, x.dtype, CPU, generator: context.Random).Reaches(o.Rate).to(x.device);
        return x * isRetained.Over(1 - o.Rate);
    }

    private static Tensor Constant(IEnumerable<double> values, Tensor like) =>
        tensor(values.ToArray(), dtype: like.dtype, device: like.device);

    private static Tensor PerChannel(Tensor values, Tensor x) => x.shape.Length == 4 ? values.view(1, -1, 1, 1) : values;

    private static Tensor ChannelsLast(Tensor x, Shape shape) => shape.IsMap ? x.permute(0, 2, 3, 1) : x;

    private static Tensor ToMap(Tensor x, Shape shape) => shape.IsMap ? x.permute(0, 3, 1, 2) : x;
}
