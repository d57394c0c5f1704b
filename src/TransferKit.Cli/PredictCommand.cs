using System.CommandLine;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary><c>transferkit predict</c>: what ImageNet's classes, or a trained model's, say of images.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Image files.", Arity = ArgumentArity.OneOrMore };
        var model = new ModelOptions(includeTop: true);
        var images = new ImageOptions();
        var top = new Option<int>("--top") { Description = "How many classes for each image.", DefaultValueFactory = _ => 5 };
        var trained = new Option<string?>("--model", "-m") { Description = "A model that transferkit train wrote, in place of --backbone: its own classes, and images read as in training." };
        var command = new Command("predict", "Say which of ImageNet's classes, or of a trained model's, images show.")
        {
            files, model.Backbone, model.Weights, model.Seed, model.Alpha, images.Interpolation, images.ExifOrientation, images.Fast, top, trained,
        };

        model.Backbone.Description = "The network, by Keras' name (transferkit models lists them); needed without --model.";
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var count = parsed.GetValue(top);
            if (count < 1)
                throw new ArgumentException($"--top is {count}; it must be at least 1.");
            var path = parsed.GetValue(trained);
            if (path is not null && OwnOptions().FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other)
            {
                throw new ArgumentException(
                    $"{other.Name} goes without --model: '{path}' has a network, weights and a preparation of pictures of its own.");
            }
            if (path is not null)
                return TrainedPrediction.Run(path, parsed.GetRequiredValue(files), count, cancellationToken);
            if (parsed.GetValue(model.Backbone) is null)
                throw new ArgumentException("predict needs --backbone NAME, or --model FILE for a model of your own.");
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
            [model.Backbone, model.Weights, model.Seed, model.Alpha, images.Interpolation, images.ExifOrientation, images.Fast];
    }
}
