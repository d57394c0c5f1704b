namespace TransferKit;

/// <summary>Specifies where the preprocessing of a whole model's pixels is known from.</summary>
public enum PreprocessSource
{
    /// <summary>The model prepares pixels itself: it begins with layers such as <c>Rescaling</c> or <c>Normalization</c>.</summary>
    Inside,

    /// <summary>
    /// The caller chose it, <see cref="KerasModelOptions.Preprocess"/>, now or before TransferKit.Training saved the model.
    /// </summary>
    Given,

    /// <summary>It belongs to the application that the model contains: <see cref="KerasModel.Backbone"/>.</summary>
    Backbone,
}
