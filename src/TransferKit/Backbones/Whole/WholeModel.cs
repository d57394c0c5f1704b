using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using TransferKit.Backbones.Trained;
using TransferKit.Common;
using TransferKit.Configs;
using TransferKit.Configs.Files;
using TransferKit.Configs.Writing;
using TransferKit.Graph;
using TransferKit.WeightSources;

namespace TransferKit.Backbones.Whole;

/// <summary>Represents the open file of a whole model and the caller's options, before an engine runs it.</summary>
internal sealed class WholeModel : IDisposable
{
    private WholeModel(KerasModelFile file, KerasModelOptions options, ModelNotes? notes)
    {
        (File, Options, Notes) = (file, options, notes);
        Outputs = options.Layers.Count == 0 ? Graph.Outputs : [.. options.Layers.Select(Find)];
        if (Outputs.Zip(options.Layers).CountBy(o => o.First).FirstOrDefault(o => o.Value > 1).Key is { } twice)
        {
            throw new ArgumentException(
                $"Layers names the layer {twice.Name} more than once, as "
                + $"{string.Join(" and ", options.Layers.Where(l => Find(l) == twice))}; name it once.", nameof(options));
        }
    }

    public KerasModelFile File { get; }

    /// <summary>Gets the caller's options, completed by <see cref="Notes"/>.</summary>
    public KerasModelOptions Options { get; }

    /// <summary>Gets what training noted beside the file; null if it did not.</summary>
    public ModelNotes? Notes { get; }

    public LayerGraph Graph => File.Graph.Graph;

    public ImmutableArray<Layer> Outputs { get; }

    /// <summary>Gets the preprocessing, which a table of layers does not need.</summary>
    public WholePreprocess Preprocess => field ??= WholePreprocess.Of(File.Name, Graph, Options.Preprocess);

    /// <summary>Gets the classes of an output of the model; null if none are known, or if the caller chose other layers.</summary>
    public WholeLabels? Labels => Options.Layers.Count == 0 || (Outputs is [var one] && Graph.Outputs.Contains(one))
        ? WholeLabels.Of(File, Outputs, Options, Notes?.Task)
        : null;

    /// <summary>Gets the network for the compiler. Its configuration is its identity, because the weights have one of their own.</summary>
    public Network Network
    {
        get
        {
            var input = Graph.Input.OutputShape;
            return new(Graph, Outputs, (input.Height, input.Width), Preprocess.Mode)
            {
                Images = Options.Images,
                Names = Names,
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
                Precision = Options.Precision,
                // Calibration images need the preparation of later images: ranges of other pixels would be wrong.
                Calibration = Options.Calibration is { Images: null } own ? own with { Images = Options.Images } : Options.Calibration,
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
        if (BackboneOptionRules.PrecisionProblems(options.Precision, options.Calibration, options.Device).ToArray() is [_, ..] problems)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        if (options is { Labels: not null, LabelFile: not null })
            throw new ArgumentException("Labels and LabelFile exclude each other.", nameof(options));
        if (options.Layers.CountBy(l => l).FirstOrDefault(l => l.Value > 1).Key is { } twice)
            throw new ArgumentException($"Layers names {twice} more than once; name it once.", nameof(options));
        var file = KerasModelFile.Open(path, options.InputSize);
        try
        {
            var notes = ModelNotes.ReadBeside(path);
            if (notes is not null)
            {
                options = options with
                {
                    Labels = options.LabelFile is null ? options.Labels ?? notes.Labels : null,
                    Preprocess = options.Preprocess ?? notes.Preprocess,
                    Images = options.Images == new ImageLoadOptions() ? notes.Images : options.Images,
                };
            }
            if (GreyInput.Find(file.Graph.Graph) is not null)
                options = options with { Images = options.Images with { ColorMode = ColorMode.Grayscale } };
            return new(file, options, notes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes the model for Keras 3: as it is, or without nesting where it is cut or for the other format.</summary>
    /// <param name="path">The file to write or replace.</param>
    /// <param name="weights">The weights of <see cref="Graph"/>. Defaults to null: those of the file.</param>
    /// <param name="compiled">How the model was compiled. Defaults to null: as in the file.</param>
    /// <param name="cancellationToken">The token to cancel the writing; no incomplete file remains.</param>
    /// <exception cref="OutputFormatException">The extension is neither <c>.keras</c> nor <c>.h5</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    /// <exception cref="KerasModelException">A layer cannot be written for Keras 3.</exception>
    public void Save(
        string path, IWeightSource? weights = null, CompileConfig? compiled = null, CancellationToken cancellationToken = default)
    {
        var target = OutputTarget.OfWritable(path, KerasModelWriter.Keras, KerasModelWriter.Legacy);
        if (Options.Layers.Count == 0 && File.CanSaveAsIs(path))
        {
            File.Save(target, weights, compiled, cancellationToken);
            return;
        }
        var flat = Flatten();
        using var copied = new FlatWeights(flat, weights ?? File.Weights);
        var graph = new LayerGraph(Graph.Name, flat.Outputs)
        {
            OutputsByKey = Options.Layers.Count > 0
                ? ImmutableDictionary<string, Layer>.Empty
                : Graph.OutputsByKey.ToDictionary(o => o.Key, o => flat.Outputs[Outputs.IndexOf(o.Value)]),
        };
        File.SaveFlat(target, flat, graph, copied, compiled ?? Compiled, cancellationToken);
    }

    // The settings of compile stay true for the whole model alone, and those by the names of outputs only where the names stay.
    private CompileConfig? Compiled => Options.Layers.Count == 0 && File is { IsOfKeras3: true, Compiled: { } noted }
        && CompileConfig.Of(noted) is { } compiled && (Graph.OutputsByKey.Count > 0 || !compiled.NamesOutputs)
            ? compiled
            : null;

    /// <summary>Gets the model up to <see cref="Outputs"/> as a graph of its own.</summary>
    public FlatModel Flatten() => new(File.Name, File.Graph, [.. Outputs.Distinct()]);

    public void Dispose() => File.Dispose();

    // The names that a caller chose, or those of a dictionary of outputs, which may name one twice.
    private Dictionary<Layer, string> Names => Options.Layers.Count > 0
        ? Outputs.Zip(Options.Layers).ToDictionary(o => o.First, o => o.Second)
        : Graph.OutputsByKey.DistinctBy(o => o.Value).ToDictionary(o => o.Value, o => o.Key);

    // A nested model stands for its output, as a layer does.
    private Layer Find(string name)
    {
        var (keys, nested) = (Graph.OutputsByKey, File.Graph.Nested);
        return keys.TryGetValue(name, out var layer) || Graph.TryFind(name, out layer) || nested.TryGetValue(name, out layer)
            ? layer
            : throw UnknownNameException.OfLayer(Graph.Name, name, [.. keys.Keys, .. Graph.Layers.Select(l => l.Name), .. nested.Keys]);
    }
}
