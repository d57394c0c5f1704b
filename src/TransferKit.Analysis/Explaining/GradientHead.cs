using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Analysis.Explaining;

/// <summary>
/// Represents the head of a network behind its last map, for the gradient of a class's score by the map (Grad-CAM). The engine computes the
/// map, so the gradient costs less than a run of the network.
/// </summary>
internal sealed class GradientHead
{
    private readonly IReadOnlyList<HeadStep> _steps;

    private GradientHead(Layer map, ActivationKind? scoreActivation, IReadOnlyList<HeadStep> steps) =>
        (Map, ScoreActivation, _steps) = (map, scoreActivation, steps);

    /// <summary>Gets the layer of the last map.</summary>
    public Layer Map { get; }

    /// <summary>Gets the activation of the scores; null for none.</summary>
    public ActivationKind? ScoreActivation { get; }

    /// <summary>Returns the head of a classifier; null if it is no chain of layers whose gradients are known.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">The weights, which are read now.</param>
    public static GradientHead? Of(LayerGraph graph, IWeightSource weights)
    {
        var (layers, at) = (new Stack<Layer>(), graph.Output);
        // What only picks or drops numbers of a map is part of the head; the map itself is the output of what computes it.
        for (; !IsMap(at) || at.Op is MaxPooling2D or Dropout or PassThrough; at = at.Inputs[0])
        {
            if (at.Inputs.Length != 1)
                return null;
            layers.Push(at);
        }
        if (layers.Count == 0 || at.Inputs.IsEmpty)
            return null;
        var (steps, activation) = (new List<HeadStep>(), (ActivationKind?)null);
        foreach (var layer in layers)
        {
            var op = layer.Op;
            if (layer == graph.Output && ClassActivation.ActivationOf(op) is ActivationKind.Softmax or ActivationKind.Sigmoid)
            {
                activation = ClassActivation.ActivationOf(op);
                if (op is Activation or Softmax)
                    continue;
                op = ClassActivation.WithoutActivation(op);
            }
            if (HeadSteps.Of(op, layer.Inputs[0].OutputShape, [.. layer.Weights.Select(slot => Read(layer, slot, weights))]) is not { } own)
                return null;
            steps.AddRange(own);
        }
        return new(at, activation, steps);
    }

    /// <summary>Runs the head.</summary>
    /// <param name="map">The map, channels last.</param>
    /// <returns>The scores before their activation, and the function that returns the gradient of one of them by the map.</returns>
    public (double[] Scores, Func<int, double[]> Gradient) Run(double[] map)
    {
        var (values, backs) = (map, new Stack<Func<double[], double[]>>());
        foreach (var step in _steps)
        {
            (values, var back) = step(values);
            backs.Push(back);
        }
        return (values, GradientOf);

        double[] GradientOf(int score)
        {
            var gradient = new double[values.Length];
            gradient[score] = 1;
            return backs.Aggregate(gradient, (current, back) => back(current));
        }
    }

    private static bool IsMap(Layer layer) => layer.OutputShape is { IsMap: true } shape && shape.Height * shape.Width > 1;

    private static float[] Read(Layer layer, WeightSlot slot, IWeightSource weights)
    {
        var numbers = new float[slot.Count];
        weights.Read(layer.SharesWeightsOf ?? layer, slot, 0, numbers);
        return numbers;
    }
}
