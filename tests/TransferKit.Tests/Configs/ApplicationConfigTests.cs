using System.IO.Compression;
using Google.Protobuf;
using TransferKit.Architectures;
using TransferKit.Configs;
using TransferKit.Configs.Reading;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;

namespace TransferKit.Tests.Configs;

/// <summary>A whole application that Keras saved becomes the same model as the application by its name, so it is as fast.</summary>
public class ApplicationConfigTests
{
    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Goldens.Path("keras-models", "applications"), "*.json.gz").Select(f => Path.GetFileName(f).Split('.')[0])];

    [Theory, MemberData(nameof(Names))]
    public void An_applications_configuration_gives_the_nodes_of_the_application_by_name(string kerasName)
    {
        var architecture = Registry.All.Single(a => a.KerasName == kerasName);
        var named = architecture.Build(new BuildOptions { InputSize = architecture.DefaultSize, ImageNetWeights = false });
        var graph = GraphReader.Read(kerasName, ConfigReader.Read(kerasName, Json(kerasName)), architecture.DefaultSize).Graph;
        Assert.Equal(named.Layers.Select(Describe), graph.Layers.Select(Describe));
        Assert.Equal(Nodes(named), Nodes(graph));
    }

    [Fact]
    public void The_five_first_applications_are_among_them() =>
        Assert.Superset(
            new HashSet<string> { "VGG16", "VGG19", "ResNet50", "InceptionV3", "Xception" }, Names.Select(n => n.Data).ToHashSet());

    private static string Describe(Layer layer) =>
        $"{layer.Name} {layer.Op.TypeName} {layer.OutputShape} {string.Join(' ', layer.Weights.Select(w => w.Kind + w.ShapeText))}";

    // Keras names a model by its width and size too, mobilenet_1.00_224, so the model's name is left out.
    private static byte[] Nodes(LayerGraph graph)
    {
        var nodes = OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar).Proto.Graph;
        nodes.Name = "";
        return nodes.ToByteArray();
    }

    private static string Json(string name)
    {
        using var packed = new GZipStream(
            File.OpenRead(Goldens.Path("keras-models", "applications", name + ".json.gz")), CompressionMode.Decompress);
        return new StreamReader(packed).ReadToEnd();
    }
}
