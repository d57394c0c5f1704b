using System.Numerics.Tensors;
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
    public static WholeLabels? Of(string file, IReadOnlyList<Layer> outputs, KerasModelOptions options)
    {
        var given = options.Labels;
        var path = given is null ? options.LabelFile ?? LabelFile.Beside(file) : null;
        var names = given ?? (path is null ? [] : LabelFile.Read(file, path));
        if (names.Count == 0)
            return null;
        var shape = outputs[0].OutputShape;
        var fits = outputs.Count == 1 && !shape.IsMap && (shape.Channels == names.Count || (shape.Channels, names.Count) == (1, 2));
        if (!fits)
        {
            throw new KerasModelException(file, null,
                $"{(path is null ? "Labels" : $"'{path}'")} has {names.Count} names, and the model's output is "
                + $"{string.Join(" and ", outputs.Select(o => o.OutputShape))}. Give its names with Labels, or an empty list for none.");
        }
        var activation = ActivationOf(outputs[0]);
        var task = shape.Channels < names.Count ? ModelTask.Binary
            : activation == ActivationKind.Sigmoid ? ModelTask.MultiLabel
            : ModelTask.MultiClass;
        return new(names, task, activation is not (ActivationKind.Softmax or ActivationKind.Sigmoid));
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

    private static ActivationKind? ActivationOf(Layer layer) => layer.Op switch
    {
        Dense dense => dense.Activation,
        Activation activation => activation.Kind,
        Softmax => ActivationKind.Softmax,
        PassThrough or Dropout or Flatten or Reshape => ActivationOf(layer.Inputs[0]),
        _ => null,
    };
}
