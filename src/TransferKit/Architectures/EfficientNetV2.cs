using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Architectures;

/// <summary>EfficientNetV2: EfficientNet with fused blocks in its first stages (Keras: <c>efficientnet_v2.py</c>).</summary>
internal static class EfficientNetV2
{
    /// <summary>A stage of blocks, either fused or with squeeze and excitation; the stride is that of the first block.</summary>
    private sealed record Stage(bool Fused, int Expansion, int Filters, int Blocks, int Stride);

    private static readonly Stage[] B =
    [
        new(true, 1, 16, 1, 1), new(true, 4, 32, 2, 2), new(true, 4, 48, 2, 2),
        new(false, 4, 96, 3, 2), new(false, 6, 112, 5, 1), new(false, 6, 192, 8, 2),
    ];

    private static readonly Stage[] S =
    [
        new(true, 1, 24, 2, 1), new(true, 4, 48, 4, 2), new(true, 4, 64, 4, 2),
        new(false, 4, 128, 6, 2), new(false, 6, 160, 9, 1), new(false, 6, 256, 15, 2),
    ];

    private static readonly Stage[] M =
    [
        new(true, 1, 24, 3, 1), new(true, 4, 48, 5, 2), new(true, 4, 80, 5, 2),
        new(false, 4, 160, 7, 2), new(false, 6, 176, 14, 1), new(false, 6, 304, 18, 2), new(false, 6, 512, 5, 1),
    ];

    private static readonly Stage[] L =
    [
        new(true, 1, 32, 4, 1), new(true, 4, 64, 7, 2), new(true, 4, 96, 7, 2),
        new(false, 4, 192, 10, 2), new(false, 6, 224, 19, 1), new(false, 6, 384, 25, 2), new(false, 6, 640, 7, 1),
    ];

    public static ImmutableArray<Architecture> Variants { get; } =
    [
        Variant("b0", 224, new(32, B, ImageNetPixels: true), new(29, 78.7, 94.3)),
        Variant("b1", 240, new(32, B, ImageNetPixels: true, Width: 1.0, Depth: 1.1), new(34, 79.8, 95.0)),
        Variant("b2", 260, new(32, B, ImageNetPixels: true, Width: 1.1, Depth: 1.2), new(42, 80.5, 95.1)),
        Variant("b3", 300, new(32, B, ImageNetPixels: true, Width: 1.2, Depth: 1.4), new(59, 82.0, 95.8)),
        Variant("s", 384, new(24, S), new(88, 83.9, 96.7)),
        Variant("m", 480, new(24, M), new(220, 85.3, 97.4)),
        Variant("l", 480, new(32, L), new(479, 85.7, 97.5)),
    ];

    /// <summary>
    /// The differences between the variants. Pixels are either normalised with ImageNet's mean and deviation or scaled to -1..1.
    /// </summary>
    private sealed record Plan(int StemFilters, Stage[] Stages, bool ImageNetPixels = false, double Width = 1, double Depth = 1);

    private static readonly InvertedResidualStyle Style = EfficientNet.Style with
    {
        Norm = new() { Momentum = 0.9 },
        Depthwise = EfficientNet.Style.Depthwise with { Convolution = "dwconv2" },
        Pad = null,
    };

    private static Architecture Variant(string name, int size, Plan plan, PublishedFigures published) => new()
    {
        Name = $"efficientnet_v2_{name}",
        KerasName = $"EfficientNetV2{name.ToUpperInvariant()}",
        Paper = new("EfficientNetV2: Smaller Models and Faster Training", "https://arxiv.org/abs/2104.00298"),
        Published = published,
        DefaultSize = (size, size),
        MinSize = 32,
        Preprocess = PreprocessMode.None,
        Options = FamilyOptions.DropoutRate | FamilyOptions.DropConnectRate | FamilyOptions.IncludePreprocessing,
        Write = (g, o) => Write(g, o, plan),
    };

    private static Layer Write(GraphBuilder g, BuildOptions o, Plan plan)
    {
        var x = g.Input;
        if (o.IncludePreprocessing ?? true)
            x = Prepare(g, x, plan.ImageNetPixels);
        x = EfficientNet.Convolve(g, x, Channels.Nearest(plan.StemFilters * plan.Width), 3, 2, Style.Norm, "stem");

        // Keras divides by the number of blocks before the depth factor, so deeper variants exceed the drop rate.
        var (block, total) = (0, plan.Stages.Sum(s => s.Blocks));
        for (var stage = 0; stage < plan.Stages.Length; stage++)
        {
            var s = plan.Stages[stage];
            for (var i = 0; i < (int)Math.Ceiling(plan.Depth * s.Blocks); i++, block++)
            {
                var prefix = EfficientNet.BlockPrefix(stage, i);
                var narrow = x.OutputShape.Channels;
                var filters = Channels.Nearest(s.Filters * plan.Width);
                x = new InvertedResidual(s.Expansion, filters, 3, i == 0 ? s.Stride : 1, EfficientNet.Swish)
                {
                    Fused = s.Fused,
                    DropRate = (o.DropConnectRate ?? 0.2) * block / total,
                    Excite = s.Fused ? null : x => EfficientNet.SqueezeExcite(g, x, narrow, prefix),
                }.Write(g, x, Style, prefix);
            }
        }

        x = EfficientNet.Convolve(g, x, Channels.Nearest(1280 * plan.Width), 1, 1, Style.Norm, "top");
        return EfficientNet.WriteTop(g, x, o, o.DropoutRate ?? 0.2);
    }

    private static Layer Prepare(GraphBuilder g, Layer x, bool imageNetPixels) => imageNetPixels
        ? g.Add(ImageNetPixels.Normalize(range: 1), null, g.Add(new Rescaling(1 / 255.0), null, x))
        : g.Add(new Rescaling(1 / 128.0, -1), null, x);
}
