using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit predict</c>, which classifies images by ImageNet's classes or a trained model's.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "The image files to classify.", Arity = ArgumentArity.OneOrMore };
        var model = new ModelOptions(includeTop: true);
        var images = new ImageOptions();
        var top = new Option<int>("--top") { Description = "The number of classes to print for each image.", DefaultValueFactory = _ => 5 };
        var whole = new WholeModelOptions("--backbone");
        var json = JsonOption.Create();
        var command = new Command("predict", "Classify images by ImageNet's classes, or by those of a model file.")
        {
            files, model.Backbone, model.Weights, model.Seed, model.Alpha, top, whole.Model, whole.Preprocess,
            whole.Labels, whole.Layer, model.InputSize, model.Device, json,
        };
        foreach (var option in images.All)
            command.Add(option);

        model.Backbone.Description = "Keras' name of the network, which transferkit models lists. Required without --model.";
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var count = parsed.GetValue(top);
            if (count < 1)
                throw new ArgumentException($"--top is {count}; it must be at least 1.");
            var path = parsed.GetValue(whole.Model);
            if (path is not null && OwnOptions(path).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other)
            {
                throw new ArgumentException(
                    $"{other.Name} and --model exclude each other: '{path}' has its own network, weights and preparation of images.");
            }
            if (path is not null)
            {
                var settings = whole.Read(parsed, new()
                {
                    Images = images.Read(parsed),
                    InputSize = parsed.GetValue(model.InputSize),
                    Device = parsed.GetValue(model.Device),
                });
                using var opened = OnnxModels.Is(path)
                    ? OnnxModels.Open(path, settings, images.AreGiven(parsed))
                    : WholeModelOptions.Open(path, settings);
                return ModelPrediction.Run(opened, parsed.GetRequiredValue(files), count, parsed.GetValue(json), cancellationToken);
            }
            if (WholeOptions().FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } needsModel)
                throw new ArgumentException($"{needsModel.Name} needs --model FILE.");
            if (parsed.GetValue(model.Backbone) is null)
                throw new ArgumentException("predict needs --backbone NAME, or --model FILE for a trained or a Keras model.");
            var (name, options) = model.Read(parsed, images.Read(parsed));
            using var backbone = await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false);
            return ModelPrediction.Run(
                backbone, parsed.GetRequiredValue(files), count, parsed.GetValue(json), cancellationToken, isNamed: true);
        });
        return command;

        // A trained model also has its own preparation of images; a Keras model does not say all of it.
        IEnumerable<Option> OwnOptions(string path) =>
        [
            model.Backbone, model.Weights, model.Seed, model.Alpha,
            .. TrainedModel.IsSavedAt(path) ? images.All : (IEnumerable<Option>)[],
        ];

        IEnumerable<Option> WholeOptions() => [whole.Preprocess, whole.Labels, whole.Layer, model.InputSize];
    }
}
