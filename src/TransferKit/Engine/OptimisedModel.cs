using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Rewrites;
using TransferKit.Operators;

namespace TransferKit.Engine;

/// <summary>
/// What ONNX Runtime's optimiser makes of a compiled model, saved: nodes fused and kernels in the processor's own layout, so
/// that a load has nothing left to do but to map the file. It fits this version of ONNX Runtime on this kind of processor.
/// </summary>
internal static class OptimisedModel
{
    public const string ModelFile = "optimised.onnx";
    public const string WeightsFile = "optimised.bin";

    // Smaller tensors stay in the model: many little mappings load slower than one file is read.
    private const string LargestInside = "262144";

    /// <summary>What a compiled model depends on besides what was asked for: ONNX Runtime and the processor, as far as this process may use it.</summary>
    public static string Machine { get; } =
        $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}, {RuntimeInformation.ProcessArchitecture} {Features()} {(WinogradConvolution.IsSupported ? "Winograd" : "")}";

    /// <summary>Optimises the model in a folder, and leaves the result in its place.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="compiled">What was written there.</param>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime does not load it.</exception>
    /// <exception cref="IOException">The disk did not take all of it.</exception>
    public static void Replace(string folder, OnnxModel compiled)
    {
        var (model, target) = (Path.Combine(folder, CompiledModel.ModelFile), Path.Combine(folder, ModelFile));
        using (var options = EngineOptions.Create(compiled.Name, GraphOptimizationLevel.ORT_ENABLE_ALL, withOwnOperators: true))
        {
            // What fails here is told by who loads the model as it was.
            options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
            options.OptimizedModelFilePath = target;
            options.AddSessionConfigEntry("session.disable_prepacking", "1");
            options.AddSessionConfigEntry("session.optimized_model_external_initializers_file_name", WeightsFile);
            options.AddSessionConfigEntry("session.optimized_model_external_initializers_min_size_in_bytes", LargestInside);
            new InferenceSession(model, options).Dispose();
        }
        File.Delete(model);
        File.Delete(Path.Combine(folder, CompiledModel.WeightsFile));
        var proto = Read(target);
        ThrowIfCutOff(folder, proto);
        if (compiled.MostWinogradBytes > 0)
            UseWinograd(folder, target, proto, compiled.MostWinogradBytes);
    }

    private static void UseWinograd(string folder, string target, ModelProto proto, long mostBytes)
    {
        var kernels = WinogradRewrite.Apply(proto, mostBytes);
        if (kernels.IsEmpty)
            return;
        OptimisedWeights.Write(proto, folder, WeightsFile, CompiledModel.WeightsFile, kernels);
        File.Delete(Path.Combine(folder, WeightsFile));
        using var file = File.Create(target);
        proto.WriteTo(file);
    }

    private static ModelProto Read(string path)
    {
        using var file = File.OpenRead(path);
        return ModelProto.Parser.ParseFrom(file);
    }

    // ONNX Runtime does not say so when a disk is full.
    private static void ThrowIfCutOff(string folder, ModelProto model)
    {
        var weights = new FileInfo(Path.Combine(folder, WeightsFile));
        var needed = model.Graph.Initializer.Max(tensor => ExternalFile.PlaceOf(tensor) is var (offset, length) ? offset + length : 0);
        if (needed > (weights.Exists ? weights.Length : 0))
            throw new IOException($"'{weights.FullName}' was not written to its end.");
    }

    // Of x86, what CPUID says of kind and features, without the number of the core that answered.
    private static string Features()
    {
        if (!X86Base.IsSupported)
            return $"{AdvSimd.IsSupported} {Dp.IsSupported}";
        var (signature, _, features, moreFeatures) = X86Base.CpuId(1, 0);
        var (_, extended, moreExtended, mostExtended) = X86Base.CpuId(7, 0);
        return Convert.ToHexStringLower(MemoryMarshal.AsBytes([signature, features, moreFeatures, extended, moreExtended, mostExtended]));
    }
}
