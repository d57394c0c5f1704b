using System.Collections.Immutable;
using TorchSharp.Modules;
using TransferKit.Graph;
using TransferKit.WeightSources;
using static TorchSharp.torch;

namespace TransferKit.Training.Torch;

/// <summary>
/// Runs a layer graph as a TorchSharp module, so that its weights can be trained. Inputs and outputs are NCHW; weights are
/// read and saved in Keras' layout.
/// </summary>
internal sealed class TorchGraph : nn.Module<Tensor, Tensor>
{
    private readonly Dictionary<Layer, Tensor[]> _weights = [];
    private readonly Dictionary<(Layer From, Layer To), ImmutableArray<ScheduledLayer>> _schedules = [];
    private readonly HashSet<Layer> _training = [];
    private readonly ScalarType _type;
    private bool _inference;

    public TorchGraph(LayerGraph graph, IWeightSource weights, Device? device = null, ScalarType type = ScalarType.Float32)
        : base(graph.Name)
    {
        (Graph, Device, _type) = (graph, device ?? CPU, type);
        foreach (var layer in graph.Layers.Where(l => !l.Weights.IsEmpty).OrderBy(l => l.SharesWeightsOf is not null))
        {
            _weights.Add(layer, layer.SharesWeightsOf is { } first
                ? _weights[first]
                : [.. layer.Weights.Select(slot => Register(layer, slot, weights))]);
        }
    }

    public LayerGraph Graph { get; }
    public Device Device { get; }

    /// <summary>Gets the generator of dropout. The trainer seeds it before each step, so that a resumed fit draws the same masks.</summary>
    public Generator Random { get; } = new();

    /// <summary>Gets or sets the momentum of all batch normalisations, or null for each layer's own.</summary>
    public double? Momentum { get; set; }

    /// <summary>Gets a layer's weights in torch's layout, in the order of its slots.</summary>
    public IReadOnlyList<Tensor> WeightsOf(Layer layer) => _weights.TryGetValue(layer, out var weights) ? weights : [];

    /// <summary>Gets the trainable weights in Keras' order.</summary>
    public IEnumerable<Parameter> TrainableWeights =>
        Graph.Layers.Where(l => l.SharesWeightsOf is null).SelectMany(WeightsOf).OfType<Parameter>().Where(p => p.requires_grad);

    /// <summary>
    /// Sets which layers are trainable and which run in training mode, with batch statistics and active dropout.
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

    /// <summary>Runs all layers in inference mode until the result is disposed.</summary>
    public IDisposable InInference() => new Inference(this);

    public override Tensor forward(Tensor input) => Run(input, Graph.Input, Graph.Output);

    /// <summary>
    /// Runs the layers behind <paramref name="from"/> up to <paramref name="to"/>. Every path from the graph's input to
    /// <paramref name="to"/> must pass <paramref name="from"/>.
    /// </summary>
    /// <param name="input">The output of <paramref name="from"/>, which the caller disposes.</param>
    /// <param name="from">The layer that produced <paramref name="input"/>.</param>
    /// <param name="to">The layer whose output is returned.</param>
    /// <param name="logits">Whether to omit the last layer's activation, which the loss computes.</param>
    /// <param name="visit">A callback for each layer's output.</param>
    public Tensor Run(Tensor input, Layer from, Layer to, bool logits = false, Action<Layer, Tensor>? visit = null)
    {
        if (from == to)
            return input.alias();
        var values = new Dictionary<Layer, Tensor> { [from] = input };
        foreach (var step in Schedule(from, to))
        {
            using var scope = NewDisposeScope();
            var op = logits && step.Layer == to ? LayerForward.WithoutActivation(step.Layer.Op) : step.Layer.Op;
            var inputs = step.Layer.Inputs.Select(i => values[i]).ToArray();
            var context = new LayerContext(!_inference && _training.Contains(step.Layer), step.MayOverwrite, Random, Momentum);
            var result = LayerForward.Run(op, step.Layer.Inputs[0].OutputShape, WeightsOf(step.Layer), inputs, context);
            // Some operators return their input. An alias can be disposed separately.
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
            w => w.Value.Select((t, i) => ToArray(KerasLayout.ToKeras(w.Key.Weights[i], t))).ToArray()));

        static float[] ToArray(Tensor keras) => keras.to(ScalarType.Float32).cpu().data<float>().ToArray();
    }

    /// <summary>Copies all weights from a source into the existing tensors, which optimizers reference.</summary>
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

    private Tensor Register(Layer layer, WeightSlot slot, IWeightSource source)
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

    private ImmutableArray<ScheduledLayer> Schedule(Layer from, Layer to)
    {
        if (_schedules.TryGetValue((from, to), out var known))
            return known;
        var needed = new HashSet<Layer>();
        var open = new Stack<Layer>([to]);
        while (open.TryPop(out var layer))
        {
            if (layer == from || !needed.Add(layer))
                continue;
            if (layer.Inputs.IsEmpty)
                throw new ArgumentException($"'{to.Name}' also depends on layers besides '{from.Name}'.", nameof(from));
            foreach (var input in layer.Inputs)
                open.Push(input);
        }

        var order = Graph.Layers.Where(needed.Contains).ToArray();
        var uses = order.SelectMany(l => l.Inputs.Distinct()).CountBy(l => l).ToDictionary();
        var last = order.SelectMany((l, i) => l.Inputs.Select(input => (input, i)))
            .GroupBy(u => u.input).ToDictionary(g => g.Key, g => g.Max(u => u.i));
        return _schedules[(from, to)] =
        [
            .. order.Select((l, i) => new ScheduledLayer(
                l,
                // The gradients of these two layer types do not read their outputs.
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

    private sealed record ScheduledLayer(Layer Layer, bool MayOverwrite, ImmutableArray<Layer> LastUses);
}
