using TransferKit.Common;
using TransferKit.Configs.Writing;
using TransferKit.Graph;
using TransferKit.WeightSources.Binding;

namespace TransferKit.Training.Benchmarks;

/// <summary>Represents a network that is smaller than its teacher.</summary>
/// <param name="Name">What the result page calls it.</param>
/// <param name="InputSize">The height and width of its input.</param>
/// <param name="Write">Writes the network without a head as a <c>.keras</c> file, by the path and a seed.</param>
/// <param name="LastLayer">The layer that the head follows; null for the file's own output.</param>
internal sealed record Student(string Name, int InputSize, Action<string, int> Write, string? LastLayer = null)
{
    /// <summary>Creates MobileNetV2 0.35 with the weights that the teacher began with, up to one of its layers.</summary>
    public static Student Cut(string layer, int size) => new($"MobileNetV2 up to {layer}", size, (path, _) => Backbone.SaveKeras(
        "mobilenet_v2", path,
        new() { Alpha = 0.35, IncludeTop = false, InputSize = (size, size), Weights = MobileNetV2Weights.Alpha035NoTop }), layer);

    /// <summary>Creates 3x3 convolutions with random weights. The first one has a stride of 2, the others are pooled.</summary>
    public static Student Convolutions(int size, params int[] filters) =>
        new($"convolutions of {string.Join(", ", filters)}", size, (path, seed) =>
        {
            var builder = new GraphBuilder(size, size);
            var x = builder.Input;
            foreach (var (i, count) in filters.Index())
            {
                var stride = i == 0 ? 2 : 1;
                x = builder.Add(new Conv2D(count, new(3, 3), new(stride, stride), Padding.Same), null, x);
                x = builder.Add(new Graph.BatchNormalization(), null, x);
                x = builder.Add(new ReLU(), null, x);
                if (i > 0)
                    x = builder.Add(new MaxPooling2D(new(2, 2), new(2, 2), Padding.Valid), null, x);
            }
            KerasModelWriter.Write(
                OutputTarget.Of(path, KerasModelWriter.Keras), new LayerGraph("convolutions", x), new InitialWeights(seed));
        });

    /// <summary>Creates the student with a head on its flattened map, and all its layers trainable.</summary>
    public TransferModel Create(ImageFolder train, ImageLoadOptions images, string folder, int seed)
    {
        var path = Path.Combine(folder, "student.keras");
        Write(path, seed);
        using var network = KerasModel.Open(path, new()
        {
            Layers = LastLayer is null ? [] : [LastLayer],
            Preprocess = PreprocessMode.Tf,
            Images = images,
            CacheCompiledModel = false,
        });
        var student = network.WithHead(train.Classes, new() { Head = Head.Linear.Flatten(), Seed = seed });
        student.FineTuneAll();
        student.BatchNormalizationMomentum = 0.9;
        return student;
    }
}
