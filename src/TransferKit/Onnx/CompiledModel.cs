using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using TransferKit.WeightSources;

namespace TransferKit.Onnx;

/// <summary>
/// A model on disk that a session can load: <c>model.onnx</c> and <c>weights.bin</c>, or what ONNX Runtime made of them for
/// this machine. A kept one is sealed by <c>entry.json</c>; another is deleted when it is disposed.
/// </summary>
internal sealed class CompiledModel(string folder, bool isKept, bool isOptimised) : IDisposable
{
    public const string ModelFile = "model.onnx";
    public const string WeightsFile = "weights.bin";
    public const int FormatVersion = 2;

    public string Folder { get; } = folder;
    public bool IsKept { get; } = isKept;

    /// <summary>Whether it went through ONNX Runtime's optimiser already.</summary>
    public bool IsOptimised { get; } = isOptimised;

    public string ModelPath => Path.Combine(Folder, IsOptimised ? OptimisedModel.ModelFile : ModelFile);

    /// <summary>
    /// What makes a compiled model this one: everything that it computes, and the weights. The nodes with their constants
    /// and the recipes of all tensors say more than the layers' configurations: also what rewrites have made of them.
    /// </summary>
    public static string KeyOf(OnnxModel model, IWeightSource weights, bool isOptimised)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(FormattableString.Invariant($"{FormatVersion} {OnnxWriter.Version} {model.MostWinogradBytes}"));
        Append(isOptimised ? OptimisedModel.Machine : "");
        Append(weights.Fingerprint);
        hash.AppendData(model.Proto.ToByteArray());
        foreach (var tensor in model.Weights)
            Append($"{tensor.Name} ({string.Join(", ", tensor.Dimensions)}) {tensor.Recipe}");
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(MemoryMarshal.AsBytes([(long)bytes.Length]));
            hash.AppendData(bytes);
        }
    }

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

    public void Dispose()
    {
        if (!IsKept && Directory.Exists(Folder))
            Folders.TryDelete(Folder);
    }
}
