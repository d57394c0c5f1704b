namespace TransferKit.Training;

/// <summary>
/// The exception that is thrown if the loss becomes infinite or NaN. The model then has the weights of its best epoch, if
/// any epoch finished.
/// </summary>
public sealed class TrainingDivergedException : TransferKitException
{
    internal TrainingDivergedException(int epoch, long step, double loss, string? checkpoint)
        : base($"The loss became {loss} in epoch {epoch}, at step {step}. "
            + "Lower the learning rate, clip gradients (GlobalClipNorm = 1), or look for wrong targets."
            + (checkpoint is null ? "" : $" The state before this epoch is in '{checkpoint}'.")) =>
        (Epoch, Step, Loss, Checkpoint) = (epoch, step, loss, checkpoint);

    /// <summary>Gets the number of the epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>Gets the number of the step in the whole fit, from 1.</summary>
    public long Step { get; }

    /// <summary>Gets the loss.</summary>
    public double Loss { get; }

    /// <summary>Gets the path of the checkpoint of the previous epoch, or null if there is none.</summary>
    public string? Checkpoint { get; }
}
