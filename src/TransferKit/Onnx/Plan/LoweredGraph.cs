using TransferKit.Graph;

namespace TransferKit.Onnx.Plan;

/// <summary>The steps of a model in execution order, and its outputs.</summary>
internal sealed class LoweredGraph
{
    public required List<Step> Steps { get; init; }

    /// <summary>The requested Keras layers in the requested order, and the steps that compute them.</summary>
    public required List<(Layer Layer, Step Step)> Outputs { get; init; }

    public IEnumerable<Step> Consumers(Step step) => Steps.Where(s => s.Inputs.Contains(step));

    public bool IsWanted(Step step) => Outputs.Any(o => o.Step == step);

    /// <summary>Whether only <paramref name="consumer"/> reads the output of <paramref name="step"/>.</summary>
    public bool FeedsOnly(Step step, Step consumer) => !IsWanted(step) && Consumers(step).All(c => c == consumer);

    /// <summary>Removes a step and replaces its output with that of <paramref name="by"/>, which now computes the same value.</summary>
    public void Replace(Step step, Step by)
    {
        foreach (var consumer in Consumers(step))
        {
            for (var i = 0; i < consumer.Inputs.Count; i++)
            {
                if (consumer.Inputs[i] == step)
                    consumer.Inputs[i] = by;
            }
        }
        for (var i = 0; i < Outputs.Count; i++)
        {
            if (Outputs[i].Step == step)
                Outputs[i] = (Outputs[i].Layer, by);
        }
        by.ValueName = step.ValueName;
        Steps.Remove(step);
    }
}
