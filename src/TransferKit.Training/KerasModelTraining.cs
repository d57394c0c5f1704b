using TransferKit.Backbones.Trained;
using TransferKit.Backbones.Whole;
using TransferKit.Training.Forms;

namespace TransferKit.Training;

/// <summary>Trains parts of whole Keras models.</summary>
public static class KerasModelTraining
{
    /// <summary>
    /// Puts a new head on the model's output, which <see cref="KerasModel.Cut"/> chooses (Keras:
    /// <c>Dense(…)(model.get_layer(name).output)</c>). The layers before it are frozen at first. The model stays as it is, and may be
    /// disposed.
    /// </summary>
    /// <param name="model">The model, usually cut at a layer.</param>
    /// <param name="labels">The classes in the order of the outputs, such as <see cref="ImageFolder.Classes"/>.</param>
    /// <param name="options">
    /// The head, the task, the images and the seed. Of <see cref="TransferModelOptions.Backbone"/> only the pooling of maps is used;
    /// another setting is refused. Defaults to a dense layer behind the mean of maps, and to the model's own images.
    /// </param>
    /// <exception cref="BackboneOptionsException">The options do not fit.</exception>
    /// <exception cref="ArgumentException">The model has several outputs, or the head does not fit the output.</exception>
    /// <exception cref="TrainingDataException">There are not enough classes for the task.</exception>
    /// <exception cref="KerasModelException">A layer cannot be trained; the message names it.</exception>
    /// <exception cref="TorchUnavailableException">libtorch does not load, or has no such device.</exception>
    public static TransferModel WithHead(this KerasModel model, IReadOnlyList<string> labels, TransferModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(labels);
        options ??= new();
        TransferModel.CheckLabels(labels, options.Task);
        if (options.Backbone != new BackboneOptions { Pooling = options.Backbone.Pooling })
            throw new BackboneOptionsException(model.Name, ["Backbone has settings besides Pooling; the model in the file has its own."]);
        var images = options.Images ?? model.Images;
        if (images.Problems().ToArray() is { Length: > 0 } problems)
            throw new BackboneOptionsException(model.Name, problems);
        var whole = WholeModel.Open(model.File, model.Whole.Options with { Preprocess = model.Preprocess });
        try
        {
            var notes = ModelNotes.Of(labels, options.Task, model.Preprocess, images);
            var form = CutForm.Of(whole, options.Head.Spec, options.Backbone.Pooling, notes);
            using var weights = form.WeightsWith(options.Seed);
            return new(form, weights, images, options.Device);
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    }
}
