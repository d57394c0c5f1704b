using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using TransferKit.Common;
using TransferKit.Engine;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Quantization;

/// <summary>
/// Runs a float model on images and collects the distributions of its inner values. The values become outputs, in groups that fit
/// into a bound of memory, with one pass over the images for each group.
/// </summary>
internal static class Observer
{
    private const long MostBytesAtOnce = 256 << 20;
    private const string WeightsFile = "weights.bin";

    /// <param name="model">The float model.</param>
    /// <param name="weights">The weights of the model.</param>
    /// <param name="values">The names of the values.</param>
    /// <param name="images">The images.</param>
    /// <param name="progress">The callback for the completed part, from 0 to 1.</param>
    /// <param name="cancellation">The token that stops the observation between images.</param>
    public static Dictionary<string, ActivationHistogram> Observe(
        OnnxModel model, IWeightSource weights, IReadOnlyList<string> values, IImageBatch images,
        Action<double> progress, CancellationToken cancellation)
    {
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        ModelProto proto;
        using (var data = File.Create(Path.Combine(folder, WeightsFile)))
            proto = ExternalWeights.Write(model, weights, data, WeightsFile, cancellation);
        var histograms = values.ToDictionary(v => v, _ => new ActivationHistogram());
        var groups = Group(values, Path.Combine(folder, "all.onnx"), proto);
        var image = new float[model.Input.Count];
        for (var g = 0; g < groups.Count; g++)
        {
            using var session = Open(Path.Combine(folder, $"{g}.onnx"), proto, groups[g]);
            for (var i = 0; i < images.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                images.Read(i, 1, image);
                Run(session, model, image, groups[g], histograms);
                progress((g * images.Count + i + 1) / (double)(groups.Count * images.Count));
            }
        }
        return histograms;
    }

    private static void Run(
        InferenceSession session, OnnxModel model, float[] image, List<string> values, Dictionary<string, ActivationHistogram> histograms)
    {
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(image, [1, model.Input.Channels, model.Input.Height, model.Input.Width]);
        var requested = values.Where(v => v != model.InputName).ToArray();
        using var outputs = session.Run(run, [model.InputName], [input], requested);
        if (requested.Length < values.Count)
            histograms[model.InputName].Observe(image);
        Parallel.For(0, requested.Length, v =>
        {
            var numbers = outputs[v].GetTensorDataAsSpan<float>();
            if (outputs[v].GetTensorTypeAndShape().Shape is [1, var channels, _, _])
                histograms[requested[v]].ObserveMap(numbers, (int)channels);
            else
                histograms[requested[v]].Observe(numbers);
        });
    }

    // A session with all values as outputs gives their shapes, and thereby their sizes.
    private static List<List<string>> Group(IReadOnlyList<string> values, string path, ModelProto proto)
    {
        using var session = Open(path, proto, values);
        var (groups, bytes) = (new List<List<string>>(), long.MaxValue);
        foreach (var value in values)
        {
            var size = session.OutputMetadata.TryGetValue(value, out var output)
                ? output.Dimensions.Aggregate((long)sizeof(float), (product, d) => product * Math.Max(d, 1))
                : 0;
            if (bytes > MostBytesAtOnce - size)
            {
                groups.Add([]);
                bytes = 0;
            }
            groups[^1].Add(value);
            bytes += size;
        }
        return groups;
    }

    private static InferenceSession Open(string path, ModelProto proto, IEnumerable<string> values)
    {
        proto = proto.Clone();
        var known = proto.Graph.Output.Concat(proto.Graph.Input).Select(o => o.Name).ToHashSet();
        foreach (var value in values.Where(v => !known.Contains(v)))
        {
            var type = new TypeProto { TensorType = new() { ElemType = (int)TensorProto.Types.DataType.Float } };
            proto.Graph.Output.Add(new ValueInfoProto { Name = value, Type = type });
        }
        using (var file = File.Create(path))
            proto.WriteTo(file);
        using var options = EngineOptions.CreatePlain();
        return new InferenceSession(path, options);
    }
}
