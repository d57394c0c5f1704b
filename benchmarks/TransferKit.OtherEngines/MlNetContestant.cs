using System.Reflection;
using System.Runtime.Loader;
using TransferKit.Backbones;

namespace TransferKit.OtherEngines;

/// <summary>Runs ML.NET in a separate context with its version of SkiaSharp. All contestants share ONNX Runtime.</summary>
internal sealed class MlNetContestant : Contestant
{
    private static readonly Type Pipeline = new Context().Load("TransferKit.OtherEngines.MlNet")
        .GetType("TransferKit.OtherEngines.MlNet.MlNetPipeline", throwOnError: true)!;

    private readonly object _pipeline;
    private readonly Func<float[], int, float[]> _run;
    private readonly Func<string[], float[][]> _extract;

    public MlNetContestant(Network network)
        : base("ML.NET")
    {
        _pipeline = Activator.CreateInstance(
            Pipeline, network.PlainPath, network.InputName, network.OutputName, network.Height, network.Width, network.IsBlueFirst,
            network.Means, network.Scale)!;
        _run = Pipeline.GetMethod("Run")!.CreateDelegate<Func<float[], int, float[]>>(_pipeline);
        _extract = Pipeline.GetMethod("Extract")!.CreateDelegate<Func<string[], float[][]>>(_pipeline);
    }

    public override float[] Run(PreparedBatch batch) => _run(batch.Planar, batch.Count);

    public override float[][] Extract(string folder) => _extract(FilesOf(folder));

    public override void Dispose() => ((IDisposable)_pipeline).Dispose();

    private sealed class Context : AssemblyLoadContext
    {
        private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "mlnet");
        private readonly AssemblyDependencyResolver _resolver = new(Path.Combine(Folder, "TransferKit.OtherEngines.MlNet.dll"));

        public Assembly Load(string name) => LoadFromAssemblyName(new(name));

        protected override Assembly? Load(AssemblyName name) =>
            name.Name != "Microsoft.ML.OnnxRuntime" && _resolver.ResolveAssemblyToPath(name) is { } path
                ? LoadFromAssemblyPath(path)
                : null;

        protected override nint LoadUnmanagedDll(string name) =>
            _resolver.ResolveUnmanagedDllToPath(name) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
    }
}
