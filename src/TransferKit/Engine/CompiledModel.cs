using Google.Protobuf;
using TransferKit.Common;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Engine;

/// <summary>
/// A model on disk that a session can load: <c>model.onnx</c> and <c>weights.bin</c>, or their form that ONNX Runtime optimised
/// for this machine. A cached model is sealed by <c>entry.json</c>; a temporary one is deleted on disposal.
/// </summary>
/// <param name="folder">The folder of its files.</param>
/// <param name="entry">The seal of a cached model; null for a temporary one.</param>
/// <param name="isOptimised">Whether ONNX Runtime has already optimised it.</param>
/// <param name="hasHugeKernel">The value of <see cref="OnnxModel.HasHugeKernel"/>.</param>
internal sealed class CompiledModel(string folder, ModelEntry? entry, bool isOptimised, bool hasHugeKernel) : IDisposable
{
    private readonly TemporaryFolder? _temporary;

    /// <summary>Initializes a temporary model, which owns its folder.</summary>
    public CompiledModel(TemporaryFolder folder, bool isOptimised, bool hasHugeKernel)
        : this(folder.Path, entry: null, isOptimised, hasHugeKernel) => _temporary = folder;

    public const string ModelFile = "model.onnx";
    public const string WeightsFile = "weights.bin";

    /// <summary>The build of this library, which is part of the key because each build may write another model.</summary>
    public static string Library { get; } = Convert.ToHexStringLower(typeof(CompiledModel).Module.ModuleVersionId.ToByteArray());

    public string Folder { get; } = folder;
    public bool IsCached => entry is not null;
    /// <summary>Whether the cache had it, so that nothing was compiled.</summary>
    public bool IsFromCache { get; init; }

    public bool IsOptimised { get; } = isOptimised;
    public bool HasHugeKernel { get; } = hasHugeKernel;

    /// <summary>Whether it has operators of this library, which its sessions must register.</summary>
    public bool HasCustomOperators { get; set; }

    /// <summary>The check of the weights' bytes, which runs while a session opens them: the problem, or null.</summary>
    public Task<string?> Verification { get; init; } = Task.FromResult<string?>(null);

    public string ModelPath => Path.Combine(Folder, IsOptimised ? OptimisedModel.ModelFile : ModelFile);

    /// <summary>
    /// Builds the cache key from the library, the machine, the weights and the request. The key does not need the model, so a cache
    /// hit skips the translation.
    /// </summary>
    public static string KeyOf(ModelRequest model, IWeightSource weights, bool isOptimised) =>
        string.Join('\n', Library, isOptimised, weights.Fingerprint, model.Signature.Name, model.Identity, OptimisedModel.Machine);

    /// <summary>Writes a model into an empty folder.</summary>
    public static void Write(string folder, OnnxModel model, IWeightSource weights, CancellationToken cancellation)
    {
        using var data = Create(WeightsFile);
        var proto = ExternalWeights.Write(model, weights, data, WeightsFile, cancellation);
        using var file = Create(ModelFile);
        proto.WriteTo(file);

        FileStream Create(string name) => new(
            Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
    }

    /// <summary>Verifies the files of a cached model. No other process changes a temporary model, so it counts as intact.</summary>
    public bool IsIntact(CancellationToken cancellation = default) => entry?.Problem(Folder, cancellation) is null;

    public void Dispose()
    {
        _temporary?.Dispose();
        if (!IsCached && Directory.Exists(Folder))
            Folders.TryDelete(Folder);
    }
}
