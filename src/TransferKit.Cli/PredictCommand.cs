using System.CommandLine;
using System.Globalization;

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
        var trained = new Option<string?>("--model", "-m")
        {
            Description = "A model of transferkit train instead of --backbone, with its own classes and preparation of images.",
        };
        var command = new Command("predict", "Classify images by ImageNet's classes, or by a trained model's.")
        {
            files, model.Backbone, model.Weights, model.Seed, model.Alpha, images.Interpolation, images.ExifOrientation, images.Draft,
            top, trained,
        };

        model.Backbone.Description = "Keras' name of the network, which transferkit models lists. Required without --model.";
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var count = parsed.GetValue(top);
            if (count < 1)
                throw new ArgumentException($"--top is {count}; it must be at least 1.");
            var path = parsed.GetValue(trained);
            if (path is not null && OwnOptions().FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other)
            {
                throw new ArgumentException(
                    $"{other.Name} and --model exclude each other: '{path}' has its own network, weights and preparation of images.");
            }
            if (path is not null)
                return TrainedPrediction.Run(path, parsed.GetRequiredValue(files), count, cancellationToken);
            if (parsed.GetValue(model.Backbone) is null)
                throw new ArgumentException("predict needs --backbone NAME, or --model FILE for a trained model.");
            var (name, options) = model.Read(parsed, images.Read(parsed));
            using var backbone = await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false);
            var failed = 0;
            foreach (var file in parsed.GetRequiredValue(files))
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    var predictions = backbone.Predict(file, cancellationToken: cancellationToken).DecodePredictions(count)[0];
                    Terminal.Line(file);
                    foreach (var p in predictions)
                        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {p.Score,8:0.0000}  {p.Label} ({p.ClassId})"));
                }
                catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
                {
                    failed++;
                    Terminal.Error($"skipped {file}: {e.Message}");
                }
            }
            return failed == 0 ? 0 : 1;
        });
        return command;

        IEnumerable<Option> OwnOptions() =>
            [model.Backbone, model.Weights, model.Seed, model.Alpha, images.Interpolation, images.ExifOrientation, images.Draft];
    }
}
