using TransferKit.Backbones.Trained;
using TransferKit.Backbones.Whole;
using TransferKit.Common;
using TransferKit.Configs.Writing;
using TransferKit.Graph;
using TransferKit.Training.Torch;

namespace TransferKit.Training.Forms;

/// <summary>Represents a whole model of a file, which is trained and saved as it is: its nesting, its flags and its settings.</summary>
internal sealed class FileForm : ModelForm
{
    private readonly WholeModel _model;

    private FileForm(WholeModel model, WholeLabels labels) : base(
        ModelNotes.Of(labels.Names, labels.Task, model.Preprocess.Mode, model.Options.Images), model.Network, BeforeHead(model.Graph))
    {
        _model = model;
        AreLogits = labels.AreLogits;
        Augmentation = FileAugmentation.Of(model);
        Penalties = [.. FileRegularizers.Of(model)];
    }

    public override string Backbone => _model.Preprocess.Backbone ?? _model.Graph.Name;

    public override string Head => string.Join(
        ", ", _model.Graph.Layers.Where(l => !BackboneLayers.Contains(l.Name)).Select(l => l.Name));

    public override bool HasFlags => true;

    public override bool AreLogits { get; }

    public override IReadOnlyDictionary<Layer, Augmentation> Augmentation { get; }

    public override IReadOnlyList<Penalty> Penalties { get; }

    /// <summary>Creates the form of an open model, which it owns from then on.</summary>
    /// <exception cref="KerasModelException">The model cannot be trained; the message names the layer.</exception>
    public static FileForm Of(WholeModel model)
    {
        if (model.Options.Layers.Count > 0)
        {
            throw new ArgumentException(
                "Layers cuts the model; to train a part of it, give it a head: model.Cut(layer).WithHead(labels).");
        }
        if (model.Options.Precision != Precision.Float32)
            throw new ArgumentException($"Precision is {model.Options.Precision}; training computes in Float32. Open what it saves so.");
        if (model.Outputs is not [var output])
        {
            throw new KerasModelException(model.File.Name, null, $"it has {model.Outputs.Length} outputs "
                + $"({string.Join(", ", model.Outputs.Select(o => o.Name))}); training takes one. Cut it and give it a head.");
        }
        var labels = model.Labels ?? throw new KerasModelException(model.File.Name, null,
            "its classes have no names, by which pictures are labelled. Give them with Labels, or put labels.txt beside the file.");
        if (Problem(output, labels.Task) is { } problem)
            throw new KerasModelException(model.File.Name, output.Name, $"({output.Op.TypeName}) {problem}");
        return new(model, labels);
    }

    public override void Save(string path, WeightSnapshot weights, CompileConfig? compiled)
    {
        OutputTarget.Of(path, KerasModelWriter.Keras, KerasModelWriter.Legacy).ThrowIfStream("the labels go to a file beside it");
        _model.Save(path, weights, compiled);
        Notes.Save(path);
    }

    public override void Dispose()
    {
        _model.Dispose();
        base.Dispose();
    }

    // The head begins where maps end.
    private static IEnumerable<string> BeforeHead(LayerGraph graph)
    {
        var last = graph.Layers.IndexOf(graph.Layers.Last(l => l.OutputShape.IsMap));
        return graph.Layers.Take(last + 1).Select(l => l.Name);
    }

    // The loss is computed from the numbers before the last activation, so that must be a softmax or sigmoid of the last layer itself.
    private static string? Problem(Layer output, ModelTask task)
    {
        var activation = WholeLabels.ActivationOf(output);
        var own = output.Op is Dense or Activation or Softmax;
        return (activation, task) switch
        {
            (null, _) => null,
            (_, _) when !own => $"comes after the activation {activation.KerasName()}; training takes a model that ends with it.",
            (ActivationKind.Softmax, ModelTask.MultiClass) => null,
            (ActivationKind.Sigmoid, ModelTask.Binary or ModelTask.MultiLabel) => null,
            _ => $"has the activation {activation.KerasName()}, with which a model of the task {task} cannot be trained. "
                + "It takes softmax, sigmoid, or none.",
        };
    }
}
