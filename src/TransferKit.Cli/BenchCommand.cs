using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TransferKit.Cli;

/// <summary>Implements <c>transferkit bench</c>, which measures images per second on this machine.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("names")
        {
            Description = "Keras' names of networks, or all for every network.",
            Arity = ArgumentArity.OneOrMore,
        };
        var model = new ModelOptions(includeTop: false, Pooling.Avg, weights: "none");
        var batchSizes = new Option<int[]>("--batch-size")
        {
            Description = "One or more numbers of images in a batch.",
            DefaultValueFactory = _ => [1, 8, 32],
            AllowMultipleArgumentsPerToken = true,
        };
        var seconds = new Option<double>("--seconds")
        {
            Description = "The time to measure each network for. Each batch size runs at least three times.",
            DefaultValueFactory = _ => 10,
        };
        var json = JsonOption.Create("with the number of runs");
        var markdown = new Option<bool>("--markdown") { Description = "Print the table as Markdown." };
        var command = new Command("bench", "Measure the images per second of networks on this machine, from pixels to features.")
        {
            names, model.Weights, model.Alpha, model.IncludeTop, model.NoTop, model.Pooling, model.InputSize, model.Precision,
            model.Device, batchSizes, seconds, json, markdown,
        };

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var sizes = parsed.GetRequiredValue(batchSizes).Distinct().Order().ToArray();
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sizes[0], "--batch-size");
            var time = TimeSpan.FromSeconds(parsed.GetValue(seconds));

            var measured = new List<(string Name, ImageSize Input, IReadOnlyList<Speed> Speeds)>();
            foreach (var name in Names(parsed.GetRequiredValue(names)))
            {
                var (backboneName, options) = model.Read(parsed, name: name);
                // A measurement must not add compiled models to the cache.
                var calibration = options.Precision == Precision.Int8 ? Calibration.Of(Noise()) : null;
                options = options with { CacheCompiledModel = false, Calibration = calibration };
                using var backbone = await Terminal.LoadAsync(backboneName, options, cancellationToken).ConfigureAwait(false);
                measured.Add((backbone.Name, backbone.InputSize, BackboneSpeed.Measure(backbone, sizes, time, cancellationToken)));
            }

            if (parsed.GetValue(json))
            {
                Terminal.Json(new
                {
                    machine = Machine,
                    measured = measured.SelectMany(m => m.Speeds, (m, speed) => new
                    {
                        name = m.Name,
                        input_size = new[] { m.Input.Height, m.Input.Width },
                        batch_size = speed.BatchSize,
                        images_per_second = Math.Round(speed.ImagesPerSecond, 3),
                        runs = speed.Runs,
                    }),
                });
                return;
            }
            var table = new TextTable(["Name", "Input", .. sizes.Select(size => $"Images/s, {size} at once")]);
            foreach (var (name, input, speeds) in measured)
                table.Add([name, input.ToString(), .. speeds.Select(s => Text(s.ImagesPerSecond))]);
            table.Print(parsed.GetValue(markdown));
            if (parsed.GetValue(markdown))
                Console.WriteLine();
            Terminal.Line($"Measured on {Machine}.");
        });
        return command;
    }

    // The images of the calibration do not affect the speed.
    private static IEnumerable<RgbImage> Noise()
    {
        var pixels = new byte[224 * 224 * 3];
        new Random(0).NextBytes(pixels);
        yield return RgbImage.FromRgb24(224, 224, pixels);
    }

    private static string Machine =>
        $"{Environment.ProcessorCount} {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()} processors, "
        + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";

    private static IEnumerable<string> Names(string[] given) => given is ["all"] ? Backbone.All.Select(b => b.Name) : given;

    private static string Text(double imagesPerSecond) =>
        imagesPerSecond.ToString(imagesPerSecond < 10 ? "0.00" : imagesPerSecond < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
}
