using TransferKit.Graph;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Writes a graph's weights as Keras 3's <c>.weights.h5</c>, which <c>load_weights</c> and <c>load_model</c> read (Keras:
/// <c>_save_state</c>). Arrays are written in pieces, to bound memory.
/// </summary>
internal static class Keras3H5Writer
{
    public static void Write(Stream stream, LayerGraph graph, IWeightSource source, CancellationToken cancellationToken = default)
    {
        var file = new Hdf5WriteGroup();
        Named(file, graph.Name);
        var names = new ContainerNames();
        foreach (var layer in graph.Layers.Where(l => l.SharesWeightsOf is null))
        {
            // An operator is no layer in Keras, and has no group.
            if (layer.Op is AddConstant or MultiplyConstant)
                continue;
            var group = file.Group($"layers/{names.Next(layer.Op.TypeName)}");
            var vars = Named(group, layer.Name);
            if (layer.Op is Sequential sequential)
                WriteSteps(group, layer, sequential, source);
            else
                WriteArrays(vars, layer, 0, layer.Weights.Length, source);
        }
        Hdf5Writer.Write(stream, file, cancellationToken);
    }

    private static void WriteSteps(Hdf5WriteGroup outer, Layer layer, Sequential sequential, IWeightSource source)
    {
        var names = new ContainerNames();
        var shape = layer.Inputs[0].OutputShape;
        var first = 0;
        foreach (var (i, step) in sequential.Steps.Index())
        {
            var count = step.Weights(shape).Length;
            var vars = Named(outer.Group($"layers/{names.Next(step.TypeName)}"), sequential.NameOf(i, layer.Name));
            WriteArrays(vars, layer, first, count, source);
            first += count;
            shape = step.Infer([shape]);
        }
    }

    private static void WriteArrays(Hdf5WriteGroup vars, Layer layer, int first, int count, IWeightSource source)
    {
        for (var i = 0; i < count; i++)
        {
            var slot = layer.Weights[first + i];
            vars.Add($"{i}", new(slot.Shape, (start, numbers) => source.Read(layer, slot, start, numbers)));
        }
    }

    private static Hdf5WriteGroup Named(Hdf5WriteGroup layer, string name)
    {
        var vars = layer.Group("vars");
        vars.Attributes.Add(Hdf5WriteAttribute.Text("name", name));
        return vars;
    }
}
