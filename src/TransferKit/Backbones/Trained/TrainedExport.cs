using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;
using TransferKit.Engine;
using TransferKit.Onnx;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Backbones.Trained;

/// <summary>
/// Writes a trained model as one ONNX file for any runtime: bytes in, probabilities out, labels in its metadata. The written file
/// is run and compared with the model before it replaces the target. Its input is floats if the pictures of its training were.
/// </summary>
internal static class TrainedExport
{
    private const double Tolerance = 1e-4;

    public static void Write(
        ModelNotes notes, INetwork network, IWeightSource weights, string path, CancellationToken cancellationToken)
    {
        var target = OutputTarget.Of(path, ".onnx");
        KeyValuePair<string, string>[] metadata =
        [
            .. OnnxExport.Metadata(network.Graph.Name, network.Preprocess),
            new("labels", LabelsJson.Write(notes.Labels)),
            new("task", JsonNamingPolicy.SnakeCaseLower.ConvertName(notes.Task.ToString())),
            new("interpolation", notes.Interpolation.ToString().ToLowerInvariant()),
            .. Preparation(notes),
        ];
        // Pixels of TensorFlow's resize are not rounded.
        var isFloat = notes.Images.Resize != ResizeMethod.LoadImg;
        var input = InputForm.Pixels(isFloat ? PixelType.Float : PixelType.Byte, network.Preprocess);
        var model = OnnxWriter.Translate(network.Graph, network.Outputs, input).With(metadata);
        if (EmbeddedWeights.SizeOf(model) > EmbeddedWeights.LargestFile)
            throw new OutputFileException(path, "its weights exceed the limit of one ONNX file, 2 GB");
        using var file = new AtomicFile(target);
        OutputFileException.Wrapping(path, () =>
        {
            using (var stream = file.Create())
            {
                EmbeddedWeights.Write(model, weights, stream, cancellationToken);
                stream.Flush(flushToDisk: true);
            }
            Check(network, weights, file.TemporaryPath, isFloat);
            file.Commit();
        }, file.TemporaryPath);
    }

    private static IEnumerable<KeyValuePair<string, string>> Preparation(ModelNotes notes)
    {
        if (notes.Resize is { } resize)
            yield return new("resize", JsonNamingPolicy.SnakeCaseLower.ConvertName(resize.ToString()));
        if (notes.AspectRatio is { } ratio)
            yield return new("aspect_ratio", JsonNamingPolicy.SnakeCaseLower.ConvertName(ratio.ToString()));
        if (notes.ColorMode is { } colours)
            yield return new("color_mode", JsonNamingPolicy.SnakeCaseLower.ConvertName(colours.ToString()));
    }

    private static void Check(INetwork network, IWeightSource weights, string path, bool isFloat)
    {
        var pixels = new byte[2 * network.InputSize.Height * network.InputSize.Width * 3];
        new Random(1).NextBytes(pixels);
        using var backbone = LoadedBackbone.Load(network, weights);
        var expected = backbone.Predict(pixels).ToArray();
        var found = isFloat
            ? Run(path, Array.ConvertAll(pixels, p => (float)p), network.InputSize)
            : Run(path, pixels, network.InputSize);
        var scale = expected.Max(Math.Abs) + 1e-9;
        var off = expected.Length == found.Length ? expected.Zip(found, (a, b) => Math.Abs(a - b) / scale).Max() : double.NaN;
        if (!(off <= Tolerance))
        {
            throw new EngineException(
                $"The exported model's outputs differ from the model's own by {off:G3} of the largest; nothing was written. "
                + "Please report this.");
        }
    }

    private static float[] Run<T>(string path, T[] pixels, ImageSize size)
        where T : unmanaged
    {
        using var settings = EngineOptions.CreatePlain();
        using var session = new InferenceSession(path, settings);
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [2, size.Height, size.Width, 3]);
        using var options = new RunOptions();
        using var results = session.Run(options, [session.InputNames[0]], [input], session.OutputNames);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
