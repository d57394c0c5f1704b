namespace TransferKit;

/// <summary>Specifies the activation of the classifier's last layer (Keras: <c>classifier_activation</c>).</summary>
public enum ClassifierActivation
{
    /// <summary>The outputs are probabilities that sum to one.</summary>
    Softmax,

    /// <summary>The outputs are logits, without an activation.</summary>
    None,
}
