namespace TransferKit.Training;

/// <summary>The loss became infinite or no number. The model has the weights of its best epoch, where there was one.</summary>
public sealed class TrainingDivergedException : TransferKitException
{
    internal TrainingDivergedException(int epoch, long step, double loss, string? checkpoint)
        : base($"The loss became {loss} in epoch {epoch}, at step {step}. Lower the learning rate, clip gradients (GlobalClipNorm = 1), or look for wrong targets."
            + (checkpoint is null ? "" : $" The last good state is in '{checkpoint}'.")) =>
        (Epoch, Step, Loss, Checkpoint) = (epoch, step, loss, checkpoint);

    /// <summary>The epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The step of the whole fit, from 1.</summary>
    public long Step { get; }

    /// <summary>The loss.</summary>
    public double Loss { get; }

    /// <summary>The file with the state after the epoch before; null where none was asked for or written yet.</summary>
    public string? Checkpoint { get; }
}
