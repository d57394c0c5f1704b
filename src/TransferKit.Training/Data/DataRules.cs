namespace TransferKit.Training;

/// <summary>Checks that labelled images fit a model before any image is read.</summary>
internal static class DataRules
{
    public static ImageFolder CheckTraining(ImageFolder images, TransferModel model)
    {
        var own = Check(images, model.Task, model.Labels);
        if (model.Task == ModelTask.Regression)
            return own;
        var counts = own.Counts();
        var present = counts.Count(c => c > 0);
        if (present == 1 && model.Task != ModelTask.MultiLabel)
        {
            throw new TrainingDataException(TrainingDataError.OneClass, images.Source,
                $"all images are of the class '{model.Labels[counts.ToList().FindIndex(c => c > 0)]}'. Add images of another class.");
        }
        if (present < counts.Count)
        {
            throw new TrainingDataException(TrainingDataError.EmptyClass, images.Source,
                $"the class '{model.Labels[counts.ToList().IndexOf(0)]}' has no training images. Add some, or train without the class.");
        }
        return own;
    }

    /// <summary>Returns the images with their numbers in the order of a model's outputs, matched by the names of columns.</summary>
    private static ImageFolder WithTargets(ImageFolder images, IReadOnlyList<string> names)
    {
        if (names.SequenceEqual(images.Classes) || images.Images.Any(i => i.Targets.Count != names.Count))
            return images;
        var columns = images.Classes.ToList();
        var places = names.Select(name => columns.IndexOf(name)).ToArray();
        if (Array.IndexOf(places, -1) is >= 0 and var missing)
        {
            throw new TrainingDataException(TrainingDataError.UnknownLabel, images.Source,
                $"there is no column '{names[missing]}', which the model gives; the columns are {string.Join(", ", columns)}.");
        }
        return new(images.Source, names, [.. images.Images.Select(Reordered)]);

        LabelledImage Reordered(LabelledImage image) => image.With(image.Classes, [.. places.Select(p => image.Targets[p])]);
    }

    /// <summary>Returns the images with the indexes of their labels in a model, after checking that they suit its task.</summary>
    /// <exception cref="TrainingDataException">A label is none of the model's, or the images are for another task.</exception>
    public static ImageFolder Check(ImageFolder images, ModelTask task, IReadOnlyList<string> labels)
    {
        var own = task == ModelTask.Regression ? WithTargets(images, labels) : images.WithClasses(labels);
        var wrong = own.Images.FirstOrDefault(i => task switch
        {
            ModelTask.Regression => i.Targets.Count != labels.Count,
            ModelTask.MultiLabel => i.Targets.Count > 0,
            _ => i.Classes.Count != 1,
        });
        if (wrong is null)
            return own;
        throw new TrainingDataException(TrainingDataError.WrongKind, images.Source, task switch
        {
            ModelTask.Regression => $"'{wrong.Path}' has {wrong.Targets.Count} numbers, and the model gives {labels.Count}.",
            ModelTask.MultiLabel => $"'{wrong.Path}' has numbers and no labels; that is a task for regression.",
            _ => $"'{wrong.Path}' has {wrong.Classes.Count} labels, and this task takes one. Use ModelTask.MultiLabel for several.",
        });
    }
}
