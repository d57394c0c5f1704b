using TransferKit.OtherEngines;
using Network = TransferKit.OtherEngines.Network;

string[] core = ["vgg16", "vgg19", "resnet50", "inception_v3", "xception", "mobilenet_v2"];
var json = args is [.., "--json", var file] ? file : null;
var arguments = json is null ? args : args[..^2];
switch (arguments)
{
    case ["engines", .. var names]:
        Run(names, Engines);
        return 0;
    case ["folder", var samples, .. var names]:
        Run(names, network => Folder(network, samples, [
            new TransferKitContestant(network), new OnnxRuntimeContestant(network, false), new OnnxRuntimeContestant(network, true),
            new OpenCvContestant(network, false), new OpenCvContestant(network, true), new TorchContestant(network, false),
            new TorchContestant(network, true), new MlNetContestant(network),
        ]));
        return 0;
    case ["mlnet", var samples, .. var names]:
        Run(names.Length > 0 ? names : ["resnet50", "mobilenet_v2"], network => Folder(network, samples, [
            new TransferKitContestant(network), new PipelineContestant(network), new MlNetContestant(network),
        ]));
        return 0;
    case ["table", var results]:
        Results.Read(results).Print();
        return 0;
    case ["plot", var results, var svg]:
        Plot.Write(Results.Read(results), svg);
        return 0;
    default:
        Console.Error.WriteLine("""
            TransferKit beside ONNX Runtime, TorchSharp, OpenCvSharp's dnn and ML.NET, in one process, in turn.
              engines        [NAME...] [--json FILE]   images a second from prepared images, at batch 1, 8 and 32
              folder SAMPLES [NAME...] [--json FILE]   images a second from a folder of JPEGs made of the pictures in SAMPLES
              mlnet SAMPLES  [NAME...] [--json FILE]   the same by TransferKit, its transform of ML.NET and ML.NET's own pipeline
              table FILE                               what FILE holds, as a table
              plot FILE SVG                            the same as a picture
            FILE grows: what is measured again is replaced.
            """);
        return 2;
}

void Run(string[] names, Func<Network, IEnumerable<IReadOnlyList<Result>>> measure)
{
    foreach (var name in names.Length > 0 ? names : core)
    {
        using var network = new Network(name);
        foreach (var measured in measure(network))
        {
            var results = Results.OfThisMachine(measured);
            results.Print();
            if (json is not null)
                results.AddTo(json);
        }
    }
}

static IEnumerable<IReadOnlyList<Result>> Engines(Network network)
{
    Contestant[] all =
    [
        new TransferKitContestant(network), new OnnxRuntimeContestant(network, false), new OpenCvContestant(network, false),
        new TorchContestant(network, false), new MlNetContestant(network),
    ];
    foreach (var count in new[] { 1, 8, 32 })
    {
        var batch = network.RandomBatch(count);
        Features.Check(all, c => c.Run(batch));
        yield return [.. Turns.Measure(all, c => c.Run(batch), count)
            .Select(m => new Result("engine", network.Name, count, m.Engine, Math.Round(m.ImagesPerSecond, 2), Math.Round(m.Ratio, 3)))];
    }
    Array.ForEach(all, c => c.Dispose());
}

static IEnumerable<IReadOnlyList<Result>> Folder(Network network, string samples, Contestant[] all)
{
    const int Images = 96;
    var root = Directory.CreateTempSubdirectory("transferkit-jpegs-").FullName;
    var (exact, jpegs) = (Path.Combine(root, "exact"), Path.Combine(root, "jpegs"));
    JpegFolder.WriteExact(samples, exact, network.Width, network.Height);
    JpegFolder.Write(samples, jpegs, Images);
    Features.Check(all, c => [.. c.Extract(exact).SelectMany(f => f)]);
    yield return [.. Turns.Measure(all, c => c.Extract(jpegs), Images)
        .Select(m => new Result(
            "folder", network.Name, Contestant.FolderBatch, m.Engine, Math.Round(m.ImagesPerSecond, 2), Math.Round(m.Ratio, 3)))];
    Array.ForEach(all, c => c.Dispose());
    Directory.Delete(root, recursive: true);
}
