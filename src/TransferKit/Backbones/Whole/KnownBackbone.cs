using TransferKit.Architectures;
using TransferKit.Graph;

namespace TransferKit.Backbones.Whole;

/// <summary>Recognises the application that a whole model contains, by the names and kernels of its first layers.</summary>
internal static class KnownBackbone
{
    // The first layers that Keras' authors named, such as block1_conv1, prove a network. Automatic names, conv2d_1, prove nothing alone.
    private const int NamedLayers = 3;

    /// <summary>Finds the application; null if the model contains none.</summary>
    public static Architecture? Of(LayerGraph graph)
    {
        var own = Signature(graph);
        return Registry.All
            .Select(a => (Architecture: a, Common: Common(own, Known(a))))
            .Where(m => m.Common > 0)
            .OrderByDescending(m => m.Common)
            .FirstOrDefault().Architecture;
    }

    private static int Common(LayerSign[] own, LayerSign[] known)
    {
        var common = own.Zip(known).TakeWhile(p => p.First == p.Second).Count();
        var named = own.Take(common).Count(s => s.Name.Length > 0);
        return named >= NamedLayers || 2 * common >= known.Length ? common : 0;
    }

    private static LayerSign[] Known(Architecture architecture) => Signature(architecture.Build(
        new BuildOptions { InputSize = architecture.DefaultSize, IncludeTop = false, Pooling = Pooling.None }));

    private static LayerSign[] Signature(LayerGraph graph) =>
        [.. graph.Layers.Where(l => l.Weights.Any(w => w.IsKernel)).Select(LayerSign.Of)];

    /// <summary>Represents what does not depend on a network's width and input: a layer's name, class and kernel.</summary>
    private readonly record struct LayerSign(string Name, string Type, string Kernel)
    {
        public static LayerSign Of(Layer layer)
        {
            var slot = layer.Weights.First(w => w.IsKernel);
            var isAutomatic = layer.Name.StartsWith(layer.Op.AutoName, StringComparison.Ordinal)
                && layer.Name.AsSpan(layer.Op.AutoName.Length).TrimStart('_').IndexOfAnyExceptInRange('0', '9') < 0;
            return new(isAutomatic ? "" : layer.Name, layer.Op.TypeName, string.Join('x', slot.Shape.Take(slot.Shape.Length - 2)));
        }
    }
}
