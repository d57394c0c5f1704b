namespace TransferKit.Training;

/// <summary>Whether labelled images fit a model, before anything is read.</summary>
internal static class DataRules
{
    public static ImageFolder CheckTraining(ImageFolder images, TransferModel model)
    {
        if (model.Task == ModelTask.Regression)
        {
            CheckKind(images, model);
            return images;
        }
        var own = images.WithClasses(model.Labels);
        CheckKind(own, model);
        var counts = own.Counts();
        var present = counts.Count(c => c > 0);
        if (present == 1 && model.Task != ModelTask.MultiLabel)
        {
            throw new TrainingDataException(TrainingDataError.OneClass, images.Source,
                $"all images are of the class '{model.Labels[counts.ToList().FindIndex(c => c > 0)]}': there is nothing to tell it from.");
        }
        if (present < counts.Count)
        {
            throw new TrainingDataException(TrainingDataError.EmptyClass, images.Source,
                $"the class '{model.Labels[counts.ToList().IndexOf(0)]}' has no image to train on.");
        }
        return own;
    }

    public static void CheckKind(ImageFolder images, TransferModel model)
    {
        var wrong = images.Images.FirstOrDefault(i => model.Task switch
        {
            ModelTask.Regression => i.Targets.Count != model.Labels.Count,
            ModelTask.MultiLabel => i.Targets.Count > 0,
            _ => i.Classes.Count != 1,
        });
        if (wrong is null)
            return;
        throw new TrainingDataException(TrainingDataError.WrongKind, images.Source, model.Task switch
        {
            ModelTask.Regression => $"'{wrong.Path}' has {wrong.Targets.Count} numbers, and the model gives {model.Labels.Count}.",
            ModelTask.MultiLabel => $"'{wrong.Path}' has numbers and no labels; that is a task for regression.",
            _ => $"'{wrong.Path}' has {wrong.Classes.Count} labels, and this task takes one. Use ModelTask.MultiLabel for several.",
        });
    }
}
