using System.Collections.Immutable;
using TransferKit.Graph;
using static TransferKit.Graph.ActivationKind;

namespace TransferKit.Architectures;

/// <summary>VGG (Keras: <c>vgg16.py</c>, <c>vgg19.py</c>).</summary>
internal static class Vgg
{
    public static ImmutableArray<Architecture> Variants { get; } =
    [
        Variant("vgg16", "VGG16", [2, 2, 3, 3, 3], new(528, 71.3, 90.1, 16)),
        Variant("vgg19", "VGG19", [2, 2, 4, 4, 4], new(549, 71.3, 90.0, 19)),
    ];

    private static Architecture Variant(string name, string kerasName, int[] convolutions, PublishedFigures published) => new()
    {
        Name = name,
        KerasName = kerasName,
        Paper = new("Very Deep Convolutional Networks for Large-Scale Image Recognition", "https://arxiv.org/abs/1409.1556"),
        Published = published,
        License = Licenses.CreativeCommons,
        DefaultSize = (224, 224),
        MinSize = 32,
        Preprocess = PreprocessMode.Caffe,
        Write = (g, o) => Write(g, o, convolutions),
    };

    private static Layer Write(GraphBuilder g, BuildOptions o, int[] convolutions)
    {
        var x = g.Input;
        for (var block = 1; block <= convolutions.Length; block++)
        {
            var filters = Math.Min(32 << block, 512);
            for (var i = 1; i <= convolutions[block - 1]; i++)
                x = g.Conv2D(x, filters, 3, padding: Padding.Same, activation: Relu, name: $"block{block}_conv{i}");
            x = g.MaxPool(x, 2, 2, name: $"block{block}_pool");
        }
        if (!o.IncludeTop)
            return g.Pool(x, o.Pooling);

        x = g.Add(new Flatten(), "flatten", x);
        x = g.Dense(x, 4096, Relu, "fc1");
        x = g.Dense(x, 4096, Relu, "fc2");
        return g.Dense(x, o.Classes, o.TopActivation, "predictions");
    }
}
