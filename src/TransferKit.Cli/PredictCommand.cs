using System.CommandLine;
using System.Globalization;

namespace TransferKit.Cli;

/// <summary><c>transferkit predict</c>: what ImageNet's classes say of images.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Image files.", Arity = ArgumentArity.OneOrMore };
        var model = new ModelOptions(includeTop: true);
        var images = new ImageOptions();
        var top = new Option<int>("--top") { Description = "How many classes for each image.", DefaultValueFactory = _ => 5 };
        model.Backbone.Required = true;
        var command = new Command("predict", "Say which of ImageNet's classes images show.")
        {
            files, model.Backbone, model.Weights, model.Seed, model.Alpha, images.Interpolation, images.ExifOrientation, images.Fast, top,
        };

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (name, options) = model.Read(parsed);
            var (count, settings) = (parsed.GetValue(top), images.Read(parsed));
            if (count < 1)
                throw new ArgumentException($"--top is {count}; it must be at least 1.");
            using var backbone = await Terminal.LoadAsync(name, options, cancellationToken).ConfigureAwait(false);
            var failed = 0;
            foreach (var file in parsed.GetRequiredValue(files))
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    var predictions = backbone.Predict(file, settings, cancellationToken).DecodePredictions(count)[0];
                    Console.WriteLine(file);
                    foreach (var p in predictions)
                        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {p.Score,8:0.0000}  {p.Label} ({p.ClassId})"));
                }
                catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
                {
                    failed++;
                    Console.Error.WriteLine($"skipped {file}: {e.Message}");
                }
            }
            return failed == 0 ? 0 : 1;
        });
        return command;
    }
}
