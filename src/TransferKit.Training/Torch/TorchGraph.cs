using System.Collections.Immutable;
using TorchSharp.Modules;
using TransferKit.Graph;
using TransferKit.WeightSources;
using static TorchSharp.torch;

namespace TransferKit.Training.Torch;

/// <summary>
/// A backbone's graph as a TorchSharp module: the same layers that the ONNX writer lowers, run by libtorch, so that they
/// can be trained. Takes and gives NCHW; weights come and go in Keras' layout.
/// </summary>
internal sealed class TorchGraph : nn.Module<Tensor, Tensor>
{
    private readonly Dictionary<Layer, Tensor[]> _weights = [];
    private readonly Dictionary<(Layer From, Layer To), ImmutableArray<Step>> _plans = [];
    private readonly HashSet<Layer> _training = [];
    private readonly ScalarType _type;
    private bool _inference;

    public TorchGraph(LayerGraph graph, IWeightSource weights, Device? device = null, ScalarType type = ScalarType.Float32) : base(graph.Name)
    {
        (Graph, Device, _type) = (graph, device ?? CPU, type);
        foreach (var layer in graph.Layers.Where(l => !l.Weights.IsEmpty))
        {
            _weights.Add(layer, [.. layer.Weights.Select(slot => Hold(layer, slot, weights))]);
        }
    }

    public LayerGraph Graph { get; }
    public Device Device { get; }

    /// <summary>Seeds what is drawn in training (dropout); the same seed before the same step draws the same.</summary>
    public Generator Random { get; } = new();

    /// <summary>How slowly moving means and variances follow, for all layers; each layer's own when null.</summary>
    public double? Momentum { get; set; }

    /// <summary>A layer's weights in torch's layout, in the order of its slots.</summary>
    public IReadOnlyList<Tensor> WeightsOf(Layer layer) => _weights.TryGetValue(layer, out var weights) ? weights : [];

    /// <summary>The weights that gradients reach now, in Keras' order.</summary>
    public IEnumerable<Parameter> TrainableWeights => Graph.Layers.SelectMany(WeightsOf).OfType<Parameter>().Where(p => p.requires_grad);

    /// <summary>
    /// Says which layers learn, and which run as in training: batch statistics in batch normalisation, dropout that drops.
    /// </summary>
    public void SetModes(Func<Layer, bool> learns, Func<Layer, bool> runsAsInTraining)
    {
        _training.Clear();
        foreach (var layer in Graph.Layers)
        {
            if (runsAsInTraining(layer))
                _training.Add(layer);
            foreach (var weight in WeightsOf(layer).OfType<Parameter>())
                weight.requires_grad = learns(layer);
        }
    }

    /// <summary>All layers as in inference, until the result is disposed.</summary>
    public IDisposable InInference() => new Inference(this);

    public override Tensor forward(Tensor input) => Run(input, Graph.Input, Graph.Output);

    /// <summary>
    /// Runs the layers between two: <paramref name="input"/> is the output of <paramref name="from"/>, through which all
    /// of <paramref name="to"/> must go.
    /// </summary>
    /// <param name="input">The output of <paramref name="from"/>; it stays the caller's.</param>
    /// <param name="from">The layer whose output is given.</param>
    /// <param name="to">The layer whose output is wanted.</param>
    /// <param name="logits">Whether the last layer's activation is left to the loss, which then computes both at once.</param>
    /// <param name="visit">Told each layer's output.</param>
    public Tensor Run(Tensor input, Layer from, Layer to, bool logits = false, Action<Layer, Tensor>? visit = null)
    {
        if (from == to)
            return input.alias();
        var values = new Dictionary<Layer, Tensor> { [from] = input };
        foreach (var step in Plan(from, to))
        {
            using var scope = NewDisposeScope();
            var op = logits && step.Layer == to ? LayerForward.WithoutActivation(step.Layer.Op) : step.Layer.Op;
            var inputs = step.Layer.Inputs.Select(i => values[i]).ToArray();
            var context = new LayerContext(!_inference && _training.Contains(step.Layer), step.MayOverwrite, Random, Momentum);
            var result = LayerForward.Run(op, step.Layer.Inputs[0].OutputShape, WeightsOf(step.Layer), inputs, context);
            // An operator that changes nothing gives its input back; each name needs a tensor of its own to dispose.
            if (inputs.Any(i => ReferenceEquals(i, result)))
                result = result.alias();
            values[step.Layer] = result.MoveToOuterDisposeScope();
            visit?.Invoke(step.Layer, result);
            foreach (var done in step.LastUses.Where(l => l != from))
                values[done].Dispose();
        }
        return values[to];
    }

    public WeightSnapshot Snapshot()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return new(_weights.ToDictionary(
            w => w.Key.Name,
            w => w.Value.Select((t, i) => KerasLayout.ToKeras(w.Key.Weights[i], t).to(ScalarType.Float32).cpu().data<float>().ToArray()).ToArray()));
    }

    /// <summary>Takes all weights from a source; optimisers keep hold of the same tensors.</summary>
    public void Load(IWeightSource source)
    {
        using var noGrad = no_grad();
        foreach (var (layer, weights) in _weights)
        {
            for (var i = 0; i < weights.Length; i++)
            {
                using var scope = NewDisposeScope();
                weights[i].copy_(Read(layer, layer.Weights[i], source));
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Random.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Hold(Layer layer, WeightSlot slot, IWeightSource source)
    {
        using var scope = NewDisposeScope();
        var tensor = Read(layer, slot, source).clone().DetachFromDisposeScope();
        var name = $"{layer.Name}/{layer.IndexOf(slot)}_{slot.Kind}";
        if (!slot.Trainable)
        {
            register_buffer(name, tensor);
            return tensor;
        }
        var parameter = new Parameter(tensor, requires_grad: true);
        parameter.DetachFromDisposeScope();
        register_parameter(name, parameter);
        return parameter;
    }

    private Tensor Read(Layer layer, WeightSlot slot, IWeightSource source)
    {
        var values = new float[slot.Count];
        source.Read(layer, slot, 0, values);
        var keras = tensor(values, [.. slot.Shape.Select(d => (long)d)]).to(_type);
        return KerasLayout.ToTorch(slot, keras).to(Device);
    }

    private ImmutableArray<Step> Plan(Layer from, Layer to)
    {
        if (_plans.TryGetValue((from, to), out var known))
            return known;
        var needed = new HashSet<Layer>();
        var open = new Stack<Layer>([to]);
        while (open.TryPop(out var layer))
        {
            if (layer == from || !needed.Add(layer))
                continue;
            if (layer.Inputs.IsEmpty)
                throw new ArgumentException($"'{to.Name}' does not depend on '{from.Name}' alone.", nameof(from));
            foreach (var input in layer.Inputs)
                open.Push(input);
        }

        var order = Graph.Layers.Where(needed.Contains).ToArray();
        var uses = order.SelectMany(l => l.Inputs.Distinct()).CountBy(l => l).ToDictionary();
        var last = order.SelectMany((l, i) => l.Inputs.Select(input => (input, i))).GroupBy(u => u.input).ToDictionary(g => g.Key, g => g.Max(u => u.i));
        return _plans[(from, to)] =
        [
            .. order.Select((l, i) => new Step(
                l,
                // What these compute, their gradients do not need again.
                l.Inputs[0] != from && uses[l.Inputs[0]] == 1 && l.Inputs[0].Op is BatchNormalization or Conv2D { Activation: null },
                [.. l.Inputs.Distinct().Where(input => last[input] == i)])),
        ];
    }

    private sealed class Inference : IDisposable
    {
        private readonly TorchGraph _graph;

        public Inference(TorchGraph graph) => (_graph, graph._inference) = (graph, true);

        public void Dispose() => _graph._inference = false;
    }

    private sealed record Step(Layer Layer, bool MayOverwrite, ImmutableArray<Layer> LastUses);
}
