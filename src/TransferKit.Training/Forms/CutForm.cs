using TransferKit.Backbones;
using TransferKit.Backbones.Trained;
using TransferKit.Backbones.Whole;
using TransferKit.Common;
using TransferKit.Configs;
using TransferKit.Configs.Writing;
using TransferKit.Graph;
using TransferKit.Training.Torch;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Binding;

namespace TransferKit.Training.Forms;

/// <summary>Represents a whole model of a file up to one of its layers, with a new head behind it.</summary>
internal sealed class CutForm : ModelForm
{
    private readonly WholeModel _model;
    private readonly FlatModel _flat;

    private CutForm(WholeModel model, FlatModel flat, LayerGraph graph, IEnumerable<string> backbone, HeadSpec head, ModelNotes notes)
        : base(notes, new(graph, [graph.Output], model.Network.InputSize, notes.Preprocess) { Images = notes.Images }, backbone)
    {
        (_model, _flat, Head) = (model, flat, head.ToString());
    }

    public override string Backbone => _model.Preprocess.Backbone ?? _model.Graph.Name;

    public override string Head { get; }

    /// <summary>Creates the form of an open model, which it owns from then on.</summary>
    /// <param name="model">The model, whose one output the head reads.</param>
    /// <param name="head">The head.</param>
    /// <param name="pooling">The pooling of maps before the head, unless it flattens them.</param>
    /// <param name="notes">The labels, the task and the preparation of images.</param>
    /// <exception cref="ArgumentException">The head does not fit the output.</exception>
    public static CutForm Of(WholeModel model, HeadSpec head, Pooling pooling, ModelNotes notes)
    {
        if (model.Outputs.Length != 1)
        {
            throw new ArgumentException(
                $"The model has {model.Outputs.Length} outputs ({string.Join(", ", model.Outputs.Select(o => o.Name))}); "
                + "a head reads one. Cut the model at a layer first.");
        }
        var flat = model.Flatten();
        var x = flat.Outputs[0];
        if (head.TakesMaps && !x.OutputShape.IsMap)
            throw new ArgumentException($"The head flattens maps, and '{x.Name}' gives {x.OutputShape}.");
        if (!head.TakesMaps && x.OutputShape.IsMap)
            x = flat.Add(pooling == Pooling.Max ? new GlobalMaxPooling2D() : new GlobalAveragePooling2D(), null, x);
        var graph = new LayerGraph(model.Graph.Name, head.Write(flat.Add, x, notes.OutputCount, notes.OutputActivation));
        return new(model, flat, graph, graph.Upstream([x]).Select(l => l.Name), head, notes);
    }

    /// <summary>Gets the weights of the file, and initial values of the head.</summary>
    public IWeightSource WeightsWith(int seed) => new FlatWeights(_flat, _model.File.Weights, new InitialWeights(seed));

    public override void Save(string path, WeightSnapshot weights, CompileConfig? compiled)
    {
        var target = OutputTarget.OfWritable(path, KerasModelWriter.Keras, KerasModelWriter.Legacy);
        target.ThrowIfStream("the labels go to a file beside it");
        _model.File.SaveFlat(target, _flat, Network.Graph, weights, compiled);
        Notes.Save(path);
    }

    public override void Dispose()
    {
        _model.Dispose();
        base.Dispose();
    }
}
