using TransferKit.Graph;

namespace TransferKit.Onnx.Plan;

/// <summary>The steps of a model in the order in which they run, and which of them are wanted.</summary>
internal sealed class LoweredGraph
{
    public required List<Step> Steps { get; init; }

    /// <summary>The wanted Keras layers in the wanted order, and the steps that make them.</summary>
    public required List<(Layer Layer, Step Step)> Outputs { get; init; }

    public IEnumerable<Step> Consumers(Step step) => Steps.Where(s => s.Inputs.Contains(step));

    public bool IsWanted(Step step) => Outputs.Any(o => o.Step == step);

    /// <summary>Whether nothing but <paramref name="consumer"/> sees what <paramref name="step"/> makes.</summary>
    public bool FeedsOnly(Step step, Step consumer) => !IsWanted(step) && Consumers(step).All(c => c == consumer);

    /// <summary>Takes a step out: <paramref name="by"/>, which already computes what it did, stands for it.</summary>
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
