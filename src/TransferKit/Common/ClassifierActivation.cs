namespace TransferKit;

/// <summary>What the classifier's last layer ends with (Keras: <c>classifier_activation</c>).</summary>
public enum ClassifierActivation
{
    /// <summary>Probabilities that sum to one.</summary>
    Softmax,

    /// <summary>None: the logits.</summary>
    None,
}
