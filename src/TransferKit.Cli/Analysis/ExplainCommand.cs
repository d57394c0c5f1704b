using System.CommandLine;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit explain</c>, which draws what speaks for a class over a picture.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var picture = new Argument<string>("picture") { Description = "The picture to explain." };
        var model = new ModelOptions(includeTop: true);
        var images = new ImageOptions();
        var whole = new WholeModelOptions("--backbone");
        var label = new Option<string?>("--class")
        {
            Description = "The class to explain: its label, its ImageNet identifier or its number. Defaults to the most probable one.",
        };
        var output = new Option<string?>("--out", "-o")
        {
            Description = "The PNG file to write. Defaults to the picture's name with .heat.png, in the current folder.",
            Validators = { OutputPath.Check("--out", ".png") },
        };
        var json = JsonOption.Create("with the values of the map");
        var command = new Command("explain", "Show which parts of a picture speak for a class, as a picture.")
        {
            picture, model.Backbone, model.Weights, model.Seed, model.Alpha, whole.Model, whole.Preprocess, whole.Labels, model.InputSize,
            model.Device, label, output, json,
        };
        foreach (var option in images.All)
            command.Add(option);
        model.Backbone.Description = "Keras' name of the network, which transferkit models lists. Required without --model.";

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = parsed.GetRequiredValue(picture);
            if (!File.Exists(file))
                throw new FileNotFoundException($"There is no picture '{file}'.", file);
            var path = parsed.GetValue(whole.Model);
            OnnxModels.Refuse(path, "explain needs the layers of a Keras model or of transferkit learn or train");
            var isNamed = parsed.GetResult(model.Backbone) is { Implicit: false };
            if (path is null ? parsed.GetValue(model.Backbone) is null : isNamed)
                throw new ArgumentException("explain needs either --backbone NAME, or --model FILE for a trained or a Keras model.");
            using var explainer = path is null
                ? await LoadAsync().ConfigureAwait(false)
                : Open(path, whole.Read(parsed, new()
                {
                    Images = images.Read(parsed),
                    InputSize = parsed.GetValue(model.InputSize),
                    Device = parsed.GetValue(model.Device),
                }));

            var map = explainer.Explain(file, parsed.GetValue(label), cancellationToken);
            var target = parsed.GetValue(output) ?? $"{Path.GetFileNameWithoutExtension(file)}.heat.png";
            map.SavePng(target);
            if (parsed.GetValue(json))
            {
                Terminal.Json(new
                {
                    picture = file,
                    label = map.Prediction.Label,
                    score = map.Prediction.Score,
                    method = $"{map.Method}",
                    height = map.Height,
                    width = map.Width,
                    values = map.Values,
                });
            }
            else
            {
                Terminal.Line(FormattableString.Invariant($"{map.Prediction.Score,8:0.0000}  {map.Prediction.Label}"));
            }
            Terminal.Error($"Wrote {target}.");

            Task<Explainer> LoadAsync()
            {
                var (name, options) = model.Read(parsed, images.Read(parsed));
                return Terminal.LoadExplainerAsync(name, options, cancellationToken);
            }
        });
        return command;
    }

    private static Explainer Open(string path, KerasModelOptions options) =>
        !TrainedModel.IsSavedAt(path) || options is { Preprocess: null, LabelFile: null, InputSize: null }
            ? Explainer.Open(path, options)
            : throw new ArgumentException(
                $"'{path}' has its own preparation of images and classes: leave out --preprocess, --labels and --input-size.");
}
