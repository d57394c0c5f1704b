using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using TransferKit.WeightSources;

namespace TransferKit.Onnx;

/// <summary>
/// A model on disk that a session can load: <c>model.onnx</c> and <c>weights.bin</c>, described and sealed by
/// <c>entry.json</c>. One that is not kept is deleted when it is disposed.
/// </summary>
internal sealed class CompiledModel(string folder, bool isKept) : IDisposable
{
    public const string ModelFile = "model.onnx";
    public const string WeightsFile = "weights.bin";
    public const int FormatVersion = 1;

    public string Folder { get; } = folder;
    public bool IsKept { get; } = isKept;
    public string ModelPath => Path.Combine(Folder, ModelFile);

    /// <summary>
    /// What makes a compiled model this one: everything that it computes, and the weights. The nodes with their constants
    /// and the recipes of all tensors say more than the layers' configurations: also what rewrites have made of them.
    /// </summary>
    public static string KeyOf(OnnxModel model, IWeightSource weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(FormattableString.Invariant($"{FormatVersion} {OnnxWriter.Version}"));
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

    /// <summary>Writes a model into an empty folder; the entry last, so that a folder with an entry is whole.</summary>
    public static void Write(string folder, OnnxModel model, IWeightSource weights, string key, CancellationToken cancellation)
    {
        var entry = new ModelEntry { Format = FormatVersion, Key = key, Name = model.Name };
        using (var file = Create(WeightsFile))
        {
            var data = new HashingStream(file);
            var proto = ExternalWeights.Write(model, weights, data, WeightsFile, cancellation);
            file.Flush(flushToDisk: true);
            entry = entry with { WeightsLength = file.Length, WeightsHash = data.Hash };

            using var modelFile = Create(ModelFile);
            var modelData = new HashingStream(modelFile);
            proto.WriteTo(modelData);
            modelFile.Flush(flushToDisk: true);
            entry = entry with { ModelLength = modelFile.Length, ModelHash = modelData.Hash };
        }
        entry.Save(folder);

        FileStream Create(string name) => new(
            Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
    }

    public void Dispose()
    {
        if (!IsKept && Directory.Exists(Folder))
            Folders.TryDelete(Folder);
    }
}
