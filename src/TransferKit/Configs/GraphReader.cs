using System.Collections.Immutable;
using System.Text.Json;
using TransferKit.Configs.Classes;
using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs;

/// <summary>
/// Builds a graph of layers from a configuration. Nested models are flattened: their layers become layers of the graph, and their inputs
/// vanish. A layer that is called again becomes another layer of the graph that shares the weights of the first.
/// </summary>
internal sealed class GraphReader
{
    private const int MostLayers = 50_000;
    private const long LargestOutput = 1L << 30;

    private readonly string _file;
    private readonly LayerNames _names;
    private readonly Dictionary<LayerEntry, Layer> _first = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Layer, LayerOrigin> _origins = [];
    private readonly Dictionary<string, Layer> _nested = [];
    private readonly HashSet<LayerEntry> _called = new(ReferenceEqualityComparer.Instance);
    private int _layers;
    private bool _outerIsTrainable = true;
    private bool? _outerTraining;

    private GraphReader(string file, ModelConfig model) => (_file, _names) = (file, new(model));

    /// <summary>Builds the graph of a whole model.</summary>
    /// <param name="file">The name of the file in messages.</param>
    /// <param name="model">The configuration.</param>
    /// <param name="size">The height and width of a model that takes any size; null if the model has its own.</param>
    /// <exception cref="KerasModelException">A layer is unsupported, or the configuration contradicts itself.</exception>
    public static ConfigGraph Read(string file, ModelConfig model, ImageSize? size)
    {
        var reader = new GraphReader(file, model);
        var (entry, shape) = InputConfig.Of(file, model, size);
        var input = new Layer(entry is null ? reader._names.Unused("input") : reader._names.Of(entry), new InputLayer(shape), []);
        if (shape.Channels == 1)
            input = GreyInput.Of(input, reader._names.Unused($"{input.Name}/grey"));
        var outputs = reader.Run(model, [input]);
        if (outputs.FirstOrDefault(o => o.Op is ChannelSlice) is { } slice)
            throw new KerasModelException(file, slice.Name, "is one channel of a map as an output, which is not supported.");
        var graph = new LayerGraph(model.Name, [.. outputs.Distinct()])
        {
            OutputsByKey = model.OutputKeys.Zip(outputs).ToDictionary(o => o.First, o => o.Second),
        };
        var nested = reader._nested.Where(n => graph.TryFind(n.Value.Name, out _)).ToDictionary();
        return new(graph, reader._first, reader._origins, nested);
    }

    private ImmutableArray<Layer> Run(ModelConfig model, ImmutableArray<Layer> inputs)
    {
        if (!model.IsSequential)
            return new FunctionalRun(this, model, inputs).Outputs();
        if (inputs.Length != 1)
            throw new KerasModelException(_file, model.Name, $"(Sequential) is called with {inputs.Length} inputs; it takes one.");
        foreach (var entry in model.Layers.Where(l => l.ClassName != "InputLayer"))
        {
            var outputs = Run(entry, new LayerCall([], []), inputs);
            inputs = outputs.Length == 1 ? outputs : throw new KerasModelException(
                _file, entry.Name, $"({entry.ClassName}) has {outputs.Length} outputs in a sequential model; it must have one.");
        }
        return inputs;
    }

    private ImmutableArray<Layer> Run(LayerEntry entry, LayerCall call, ImmutableArray<Layer> inputs)
    {
        if (entry.Model is { } nested)
            return RunNested(entry, nested, call, inputs);
        if (++_layers > MostLayers)
            throw new KerasModelException(_file, null, $"it has more than {MostLayers:N0} layers when its nested models are flattened.");
        try
        {
            var (op, from) = LayerClasses.Read(entry, call, inputs);
            var training = TrainingOf(call) ?? _outerTraining;
            if (training == true && op is Dropout { Rate: > 0 } or PassThrough { ChangesInTraining: true } or BatchNormalization)
            {
                throw new ConfigException("is called with training=True, so that Keras runs it in training mode in predictions too, which "
                    + "is not supported. Call it without the argument, and save the model again.");
            }
            var layer = new Layer(_names.Next(entry), op, from)
            {
                SharesWeightsOf = _first.GetValueOrDefault(entry),
                IsTrainable = entry.Trainable && _outerIsTrainable,
                RunsInInference = training == false,
            };
            _first.TryAdd(entry, layer);
            _origins.Add(layer, new(entry, call, inputs));
            return layer.OutputShape.Count is > 0 and <= LargestOutput
                ? [layer]
                : throw new ConfigException($"has an output of {layer.OutputShape}, which is too large.");
        }
        catch (Exception e) when (e is ConfigException or ArgumentException or OverflowException or InvalidOperationException
            or KeyNotFoundException or FormatException)
        {
            throw new KerasModelException(_file, entry.Name, $"({entry.ClassName}) {Sentence(e)}", e);
        }
    }

    // A frozen model freezes what is nested in it, and a model that is called with training=False passes that on.
    private ImmutableArray<Layer> RunNested(LayerEntry entry, ModelConfig nested, LayerCall call, ImmutableArray<Layer> inputs)
    {
        var outer = (_outerIsTrainable, _outerTraining);
        _outerIsTrainable &= entry.Trainable && nested.Trainable;
        _outerTraining = TrainingOf(call) ?? _outerTraining;
        var outputs = Run(nested, inputs);
        (_outerIsTrainable, _outerTraining) = outer;
        // An outer model is called after those in it, so its name wins.
        if (_called.Add(entry) && outputs is [var output])
            _nested[entry.Name] = output;
        return outputs;
    }

    private static bool? TrainingOf(LayerCall call) => call.Find(1, "training") switch
    {
        CallValue.Constant { Value.ValueKind: JsonValueKind.True } => true,
        CallValue.Constant { Value.ValueKind: JsonValueKind.False } => false,
        _ => null,
    };

    private static string Sentence(Exception e) => e is ConfigException ? e.Message : $"does not fit: {e.Message}.";

    /// <summary>Runs the calls of one functional model, those first that others need.</summary>
    private sealed class FunctionalRun
    {
        private readonly GraphReader _reader;
        private readonly ModelConfig _model;
        private readonly Dictionary<string, LayerEntry> _entries;
        private readonly Dictionary<(string Layer, int Call), ImmutableArray<Layer>> _values = [];

        public FunctionalRun(GraphReader reader, ModelConfig model, ImmutableArray<Layer> inputs)
        {
            (_reader, _model, _entries) = (reader, model, model.Layers.ToDictionary(l => l.Name));
            if (model.Inputs.Length != inputs.Length)
            {
                throw new KerasModelException(
                    reader._file, model.Name, $"(Functional) has {model.Inputs.Length} inputs and is called with {inputs.Length}.");
            }
            foreach (var (end, value) in model.Inputs.Zip(inputs))
                _values[(end.Layer, 0)] = [value];
        }

        public ImmutableArray<Layer> Outputs()
        {
            var ends = _model.Outputs.Select(o => (o.Layer, Call: CallOf(o, isEnd: true), o.Index)).ToArray();
            foreach (var (layer, call, _) in ends)
                Compute(layer, call);
            return [.. ends.Select(e => Value(e.Layer, e.Call, e.Index))];
        }

        // The stack holds calls that wait for others. A call that waits for itself is a cycle.
        private void Compute(string layer, int call)
        {
            var waiting = new HashSet<(string, int)>();
            var open = new Stack<(string Layer, int Call)>([(layer, call)]);
            while (open.TryPeek(out var at))
            {
                if (_values.ContainsKey(at))
                {
                    open.Pop();
                    continue;
                }
                var entry = Entry(at.Layer);
                var node = at.Call >= 0 && at.Call < entry.Calls.Length ? entry.Calls[at.Call] : throw new KerasModelException(
                    _reader._file, entry.Name,
                    $"({entry.ClassName}) has {entry.Calls.Length} calls, and another layer reads call {at.Call}.");
                var needed = node.Tensors.Select(t => (t.Layer, CallOf(t, isEnd: false))).Where(k => !_values.ContainsKey(k)).ToArray();
                if (needed.Length == 0)
                {
                    _values[at] = _reader.Run(entry, node, [.. node.Tensors.Select(t => Value(t.Layer, CallOf(t, isEnd: false), t.Index))]);
                    waiting.Remove(open.Pop());
                    continue;
                }
                if (!waiting.Add(at))
                {
                    throw new KerasModelException(
                        _reader._file, entry.Name, $"({entry.ClassName}) needs its own output: its graph has a cycle.");
                }

                foreach (var need in needed)
                    open.Push(need);
            }
        }

        private Layer Value(string layer, int call, int index)
        {
            var values = _values[(layer, call)];
            return index < values.Length ? values[index] : throw new KerasModelException(
                _reader._file, layer, $"has {values.Length} outputs, and output {index} is read.");
        }

        private LayerEntry Entry(string name) => _entries.TryGetValue(name, out var entry) ? entry : throw new KerasModelException(
            _reader._file, name, $"is read by a layer of '{_model.Name}', which has no such layer.");

        private int CallOf(CallValue.Tensor tensor, bool isEnd)
        {
            if (Entry(tensor.Layer) is not { Model: { } nested } entry)
                return tensor.Call;
            if (entry.Calls.Length == 1)
                return tensor.Call <= 1 ? 0 : tensor.Call;
            var startsAtOne = !_model.HasKeras3Calls || (isEnd && !nested.IsSequential);
            return tensor.Call - (startsAtOne ? 1 : 0);
        }
    }
}
