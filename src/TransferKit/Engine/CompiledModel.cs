using Google.Protobuf;
using TransferKit.Common;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;

namespace TransferKit.Engine;

/// <summary>
/// A model on disk that a session can load: <c>model.onnx</c> and <c>weights.bin</c>, or what ONNX Runtime made of them for
/// this machine. A kept one is sealed by <c>entry.json</c>; another is deleted when it is disposed.
/// </summary>
/// <param name="folder">Where its files are.</param>
/// <param name="entry">The seal of one that stays for the next start; null for one that does not.</param>
/// <param name="isOptimised">Whether it went through ONNX Runtime's optimiser already.</param>
/// <param name="hasHugeKernel"><see cref="OnnxModel.HasHugeKernel"/>.</param>
internal sealed class CompiledModel(string folder, ModelEntry? entry, bool isOptimised, bool hasHugeKernel) : IDisposable
{
    public const string ModelFile = "model.onnx";
    public const string WeightsFile = "weights.bin";

    /// <summary>This build of this library: another may write another model.</summary>
    public static string Library { get; } = typeof(CompiledModel).Module.ModuleVersionId.ToString();

    public string Folder { get; } = folder;
    public bool IsKept => entry is not null;
    public bool IsOptimised { get; } = isOptimised;
    public bool HasHugeKernel { get; } = hasHugeKernel;

    public string ModelPath => Path.Combine(Folder, IsOptimised ? OptimisedModel.ModelFile : ModelFile);

    /// <summary>
    /// What makes a compiled model this one: what is wanted, of which weights, and who compiles it for which machine. Nothing of it
    /// needs the model, so that a start that finds it has no model to make.
    /// </summary>
    public static string KeyOf(ModelRequest model, IWeightSource weights, bool isOptimised) =>
        string.Join('\n', Library, OptimisedModel.Machine, isOptimised, weights.Fingerprint, model.Signature.Name, model.Identity);

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

    /// <summary>Whether the files still hold every byte that was written; one that is not kept is in no other process' reach.</summary>
    public bool IsIntact(CancellationToken cancellation = default) => entry?.Problem(Folder, cancellation) is null;

    public void Dispose()
    {
        if (!IsKept && Directory.Exists(Folder))
            Folders.TryDelete(Folder);
    }
}
