using TorchSharp;
using TransferKit.Architectures;
using TransferKit.Tests;
using TransferKit.Training.Torch;

namespace TransferKit.Training.Tests.Torch;

public class TorchGraphGoldenTests
{
    private static readonly string[] Core = ["vgg16", "vgg19", "resnet50", "inception_v3", "xception", "mobilenet_v2"];

    public static TheoryData<string> CoreBackbones => new(Core);
    public static TheoryData<string> OtherBackbones => new(Registry.All.Select(a => a.Name).Except(Core).DefaultIfEmpty("mobilenet_v2"));

    [Theory, MemberData(nameof(CoreBackbones))]
    public void Libtorch_gives_Keras_numbers_from_the_same_graph(string name) =>
        Check(name, c => c.Pooling != "max" && (c.IncludeTop ? c.Classes == 1000 : c.Batch == 2 || c.Pooling is null));

    [Theory, MemberData(nameof(CoreBackbones)), Trait("Category", "Slow")]
    public void Libtorch_gives_Keras_numbers_in_all_cases(string name) => Check(name, _ => true);

    [Theory, MemberData(nameof(OtherBackbones)), Trait("Category", "Slow")]
    public void Libtorch_gives_Keras_numbers_for_every_backbone_of_the_registry(string name) =>
        Check(name, c => c.Batch == 1 && (c.IncludeTop || c.Pooling == "avg"));

    private static void Check(string name, Func<GoldenCase, bool> choose)
    {
        var golden = BackboneGolden.Load(name);
        Assert.All(golden.Cases.Where(choose), c => Check(golden, c));
    }

    private static void Check(BackboneGolden golden, GoldenCase expected)
    {
        var architecture = Registry.All.Single(a => a.Name == golden.Name);
        var graph = architecture.Build(new BuildOptions
        {
            InputSize = (expected.InputSize[0], expected.InputSize[1]),
            IncludeTop = expected.IncludeTop,
            Classes = expected.Classes ?? 1000,
            ClassifierActivation = ClassifierActivation.None,
            Pooling = expected.Pooling switch { "avg" => Pooling.Avg, "max" => Pooling.Max, _ => Pooling.None },
        });
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var weights = new FormulaWeights(golden.GammaLow);
        using var module = new TorchGraph(graph, weights);
        module.SetModes(learns: _ => false, runsAsInTraining: _ => false);

        var (n, h, w) = (expected.Batch, expected.InputSize[0], expected.InputSize[1]);
        var pixels = FormulaWeights.Input(n, h, w);
        var planar = new float[pixels.Length];
        Preprocess.ToPlanar(pixels, planar, n, h, w, architecture.Preprocess);
        var output = module.forward(torch.tensor(planar, [n, 3, h, w]));

        var nhwc = (output.dim() == 4 ? output.permute(0, 2, 3, 1) : output).contiguous();
        Assert.Equal(expected.Output.Shape.Select(d => (long)d), nhwc.shape);
        var values = nhwc.data<float>().ToArray();
        var difference = expected.Output.Values.Select((v, i) => Math.Abs(v - values[(long)i * values.Length / expected.Output.Count])).Max(
            );
        Assert.InRange(difference / expected.Output.Values.Max(Math.Abs), 0, 1e-4);
    }
}
