namespace TransferKit;

/// <summary>Specifies the kind of answer that a trained model gives for an image.</summary>
public enum ModelTask
{
    /// <summary>One of several classes: softmax, categorical cross-entropy.</summary>
    MultiClass,

    /// <summary>One of two classes: a sigmoid for the second, binary cross-entropy.</summary>
    Binary,

    /// <summary>Any number of classes: a sigmoid for each, binary cross-entropy.</summary>
    MultiLabel,

    /// <summary>One or more numbers: no activation, mean squared error.</summary>
    Regression,
}
