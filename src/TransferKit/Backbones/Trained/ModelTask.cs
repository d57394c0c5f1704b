namespace TransferKit;

/// <summary>What a trained model says of an image.</summary>
public enum ModelTask
{
    /// <summary>Which one of its classes: softmax, categorical cross-entropy.</summary>
    MultiClass,

    /// <summary>Whether it is the second of two classes: one sigmoid, binary cross-entropy.</summary>
    Binary,

    /// <summary>Which of its classes, any number: a sigmoid each, binary cross-entropy.</summary>
    MultiLabel,

    /// <summary>Numbers: no activation, mean squared error.</summary>
    Regression,
}
