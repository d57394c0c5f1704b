namespace TransferKit.Training;

/// <summary>Represents options of <see cref="TransferModel.FitTwoPhase"/>: the head first, then also layers of the backbone.</summary>
public sealed record TwoPhaseOptions
{
    /// <summary>Gets the options of the first fit, which trains the head on the frozen backbone. Defaults to 10 epochs.</summary>
    public FitOptions Head { get; init; } = new() { Phase = "head", Epochs = 10 };

    /// <summary>Gets the options of the second fit. Defaults to 10 epochs at a learning rate of 0.0001.</summary>
    public FitOptions FineTune { get; init; } = new() { Phase = "fine-tune", Epochs = 10, Optimizer = new Adam(1e-4) };

    /// <summary>Gets the name of the first layer that the second fit trains. Defaults to null: all layers.</summary>
    public string? FineTuneFrom { get; init; }
}
