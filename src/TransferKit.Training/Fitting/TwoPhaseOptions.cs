namespace TransferKit.Training;

/// <summary>The usual recipe: the head first, then some of the backbone with it at a low rate.</summary>
public sealed record TwoPhaseOptions
{
    /// <summary>The head's fit, on the frozen backbone.</summary>
    public FitOptions Head { get; init; } = new() { Phase = "head", Epochs = 10 };

    /// <summary>The fit after it.</summary>
    public FitOptions FineTune { get; init; } = new() { Phase = "fine-tune", Epochs = 10, Optimizer = new Adam(1e-4) };

    /// <summary>The first layer that learns in the second fit; all when left out.</summary>
    public string? FineTuneFrom { get; init; }
}
