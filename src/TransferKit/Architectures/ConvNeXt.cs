using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>ConvNeXt (Keras: <c>convnext.py</c>).</summary>
internal static class ConvNeXt
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        Variant("tiny", "ConvNeXtTiny", top1: 82.1, width: 96, depths: [3, 3, 9, 3]),
        Variant("small", "ConvNeXtSmall", top1: 83.1, width: 96, depths: [3, 3, 27, 3]),
        Variant("base", "ConvNeXtBase", top1: 85.8, width: 128, depths: [3, 3, 27, 3]),
        Variant("large", "ConvNeXtLarge", top1: 86.6, width: 192, depths: [3, 3, 27, 3]),
        Variant("xlarge", "ConvNeXtXLarge", top1: 87.0, width: 256, depths: [3, 3, 27, 3]),
    ];

    // The repository that convnext.py names as the source of its weights.
    private const string Repository = "https://github.com/facebookresearch/ConvNeXt";

    private static readonly LayerNormalization Norm = new() { Epsilon = 1e-6 };

    private static Architecture Variant(string name, string kerasName, double top1, int width, int[] depths) => new()
    {
        Name = $"convnext_{name}",
        KerasName = kerasName,
        Paper = new("A ConvNet for the 2020s", "https://arxiv.org/abs/2201.03545"),
        Published = new(top1: top1, source: Repository),
        License = new("MIT", Repository),
        DefaultSize = (224, 224),
        MinSize = 32,
        Preprocess = PreprocessMode.None,
        Options = FamilyOptions.IncludePreprocessing,
        Write = (g, o) => Write(g, o, $"convnext_{name}", width, depths),
    };

    private static Layer Write(GraphBuilder g, BuildOptions o, string name, int width, int[] depths)
    {
        var x = g.Input;
        if (o.IncludePreprocessing ?? true)
            x = g.Add(ImageNetPixels.Normalize(range: 255), $"{name}_prestem_normalization", x);

        x = g.Add(Named([new Conv2D(width, 4, 4, Padding.Valid), Norm], $"{name}_stem_conv", $"{name}_stem_layernorm"), $"{name}_stem", x);
        for (var stage = 0; stage < depths.Length; stage++)
        {
            if (stage > 0)
            {
                var halve = new Conv2D(width << stage, 2, 2, Padding.Valid);
                string[] names = [$"{name}_downsampling_layernorm_{stage - 1}", $"{name}_downsampling_conv_{stage - 1}"];
                x = g.Add(Named([Norm, halve], [.. names]), $"{name}_downsampling_block_{stage - 1}", x);
            }
            for (var i = 0; i < depths[stage]; i++)
                x = WriteBlock(g, x, $"{name}_stage_{stage}_block_{i}");
        }

        if (!o.IncludeTop)
            return g.Add(Norm, null, g.Pool(x, o.Pooling));
        x = g.Add(new GlobalAveragePooling2D(), $"{name}_head_gap", x);
        x = g.Add(Norm, $"{name}_head_layernorm", x);
        return g.Dense(x, o.Classes, o.TopActivation, $"{name}_head_dense");
    }

    private static Sequential Named(ImmutableArray<LayerOp> steps, params ImmutableArray<string> names) => new(steps) { StepNames = names };

    private static Layer WriteBlock(GraphBuilder g, Layer input, string name)
    {
        var channels = input.OutputShape.Channels;
        var x = g.Add(new Conv2D(channels, 7, 1, Padding.Same) { Groups = channels }, $"{name}_depthwise_conv", input);
        x = g.Add(Norm, $"{name}_layernorm", x);
        x = g.Dense(x, 4 * channels, null, $"{name}_pointwise_conv_1");
        x = g.Activate(x, ActivationKind.Gelu, $"{name}_gelu");
        x = g.Dense(x, channels, null, $"{name}_pointwise_conv_2");
        x = g.Add(new LayerScale(1e-6), $"{name}_layer_scale", x);

        // Keras writes this identity in place of stochastic depth, because all its variants have a rate of 0.
        x = g.Activate(x, ActivationKind.Linear, $"{name}_identity");
        return g.Sum(input, x);
    }
}
