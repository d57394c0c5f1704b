using System.Numerics.Tensors;
using TransferKit.Configs;
using TransferKit.Configs.Files;
using TransferKit.Graph;

namespace TransferKit.Backbones.Whole;

/// <summary>Represents the classes of a whole model's output, and how its numbers become scores.</summary>
/// <param name="Names">The names in the order of the outputs.</param>
/// <param name="Task">The task that the last activation tells.</param>
/// <param name="AreLogits">Whether the output has no activation, so that scores need one.</param>
internal sealed record WholeLabels(IReadOnlyList<string> Names, ModelTask Task, bool AreLogits)
{
    /// <summary>Finds the classes of a model; null if none are known.</summary>
    /// <exception cref="KerasModelException">The number of names is not that of the outputs.</exception>
    /// <param name="model">The file.</param>
    /// <param name="outputs">The outputs, of which only one can have classes.</param>
    /// <param name="options">The caller's names or file of names.</param>
    /// <param name="noted">The task that training noted; null if it did not, so that activation and loss tell.</param>
    public static WholeLabels? Of(KerasModelFile model, IReadOnlyList<Layer> outputs, KerasModelOptions options, ModelTask? noted)
    {
        var file = model.Name;
        var given = options.Labels;
        var path = given is null ? options.LabelFile ?? LabelFile.Beside(file) : null;
        var names = given ?? (path is null ? [] : LabelFile.Read(file, path));
        if (names.Count == 0)
            return null;
        var shape = outputs[0].OutputShape;
        var fits = outputs.Count == 1 && !shape.IsMap && (shape.Channels == names.Count || (shape.Channels, names.Count) == (1, 2));
        // A file beside the model names the classes of one output, which need not be the one that was chosen.
        if (!fits && given is null && options.LabelFile is null && model.Graph.Graph.Outputs.Length > 1)
            return null;
        if (!fits)
        {
            throw new KerasModelException(file, null,
                $"{(path is null ? "Labels" : $"'{path}'")} has {names.Count} names, and the model's output is "
                + $"{string.Join(" and ", outputs.Select(o => o.OutputShape))}. Give its names with Labels, or an empty list for none"
                + $"{(outputs.Count > 1 ? ", or choose the output with Layers (--layer)" : "")}.");
        }
        var activation = ActivationOf(outputs[0]);
        var isActivated = activation is ActivationKind.Softmax or ActivationKind.Sigmoid;
        var task = noted ?? (shape.Channels < names.Count ? ModelTask.Binary
            : activation == ActivationKind.Sigmoid ? ModelTask.MultiLabel
            : !isActivated && CompiledLoss.IsOfNumbers(model.Compiled) ? ModelTask.Regression
            : ModelTask.MultiClass);
        return new(names, task, !isActivated && task != ModelTask.Regression);
    }

    /// <summary>Gets a score for each class from one sample's outputs.</summary>
    public float[] Scores(ReadOnlySpan<float> outputs)
    {
        var activated = Activate(outputs);
        return Task == ModelTask.Binary ? [1 - activated[0], activated[0]] : activated;
    }

    /// <summary>Gets the outputs of one sample as probabilities.</summary>
    public float[] Activate(ReadOnlySpan<float> outputs)
    {
        var activated = outputs.ToArray();
        if (AreLogits && Task == ModelTask.MultiClass)
            TensorPrimitives.SoftMax(outputs, activated);
        else if (AreLogits)
            TensorPrimitives.Sigmoid(outputs, activated);
        return activated;
    }

    public static ActivationKind? ActivationOf(Layer layer) => layer.Op switch
    {
        Dense { Activation: not ActivationKind.Linear and var kind } => kind,
        Activation { Kind: not ActivationKind.Linear and var kind } => kind,
        Softmax => ActivationKind.Softmax,
        PassThrough or Dropout or Flatten or Reshape or Activation { Kind: ActivationKind.Linear } => ActivationOf(layer.Inputs[0]),
        _ => null,
    };
}
