using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using TransferKit.Configs;
using TransferKit.Graph;

namespace TransferKit.Backbones.Whole;

/// <summary>Represents the open file of a whole model and the caller's options, before an engine runs it.</summary>
internal sealed class WholeModel : IDisposable
{
    private WholeModel(KerasModelFile file, KerasModelOptions options)
    {
        (File, Options) = (file, options);
        Outputs = options.Layers.Count == 0 ? Graph.Outputs : [.. options.Layers.Select(Find)];
    }

    public KerasModelFile File { get; }

    public KerasModelOptions Options { get; }

    public LayerGraph Graph => File.Graph.Graph;

    public ImmutableArray<Layer> Outputs { get; }

    /// <summary>Gets the preprocessing, which a table of layers does not need.</summary>
    public WholePreprocess Preprocess => field ??= WholePreprocess.Of(File.Name, Graph, Options.Preprocess);

    /// <summary>Gets the classes of the model's own output; null if none are known, or if the caller chose other layers.</summary>
    public WholeLabels? Labels => Options.Layers.Count == 0 ? WholeLabels.Of(File.Name, Outputs, Options) : null;

    /// <summary>Gets the network for the compiler. Its configuration is its identity, because the weights have one of their own.</summary>
    public Network Network
    {
        get
        {
            var input = Graph.Input.OutputShape;
            return new(Graph, Outputs, (input.Height, input.Width), Preprocess.Mode)
            {
                Images = Options.Images,
                Identity = $"whole model {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(File.ConfigText)))} {input}",
            };
        }
    }

    /// <summary>Gets the options of the compiler, which may cache in the store's folder.</summary>
    public CompilerOptions CompilerOptions
    {
        get
        {
            var store = new WeightStore(Options.Store);
            return new()
            {
                Device = Options.Device,
                ConfigureSession = Options.ConfigureSession,
                CacheFolder = Options.CacheCompiledModel ? store.OpenCompiledModels() : null,
                Log = store.Log,
            };
        }
    }

    public static WholeModel Open(string path, KerasModelOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        if (options.Preprocess is { } mode && !Enum.IsDefined(mode))
            throw new ArgumentOutOfRangeException(nameof(options), mode, "Preprocess must be None, Caffe, Tf or Torch.");
        if (!Enum.IsDefined(options.Device))
            throw new ArgumentOutOfRangeException(nameof(options), options.Device, "Device must be Cpu, Cuda, DirectML or CoreML.");
        if (options is { Labels: not null, LabelFile: not null })
            throw new ArgumentException("Labels and LabelFile exclude each other.", nameof(options));
        if (options.Layers.CountBy(l => l).FirstOrDefault(l => l.Value > 1).Key is { } twice)
            throw new ArgumentException($"Layers names {twice} more than once; name it once.", nameof(options));
        var file = KerasModelFile.Open(path, options.InputSize);
        try
        {
            return new(file, options);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => File.Dispose();

    private Layer Find(string name) => Graph.TryFind(name, out var layer)
        ? layer
        : throw UnknownNameException.OfLayer(Graph.Name, name, Graph.Layers.Select(l => l.Name));
}
