using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using TransferKit.Common;
using TransferKit.Onnx.Files;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Rewrites;
using TransferKit.Operators;

namespace TransferKit.Engine;

/// <summary>
/// Saves the output of ONNX Runtime's optimiser, with fused nodes and kernels in the processor's layout. A load then only maps the
/// file. The saved model is valid for this version of ONNX Runtime on this kind of processor.
/// </summary>
internal static class OptimisedModel
{
    public const string ModelFile = "optimised.onnx";
    public const string WeightsFile = "optimised.bin";

    // ONNX Runtime copies tensors of fewer bytes, which stay in the model, and opens and maps the file for each of the others.
    private const string LargestInside = "65536";

    /// <summary>The processor's usable features and the version of ONNX Runtime, on which a compiled model depends.</summary>
    // The version is last, because it waits for the library, which another thread loads.
    public static string Machine { get; } =
        $"{RuntimeInformation.ProcessArchitecture.ToString()} {Features()} {(CustomOperators.AreSupported ? "Winograd" : "")} "
        + $"{(ByteConvolution.IsSupported ? "bytes" : "")}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}";

    /// <summary>Optimises the model in a folder and replaces it with the result.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="compiled">The model in that folder.</param>
    /// <returns>Whether the result has operators of this library.</returns>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime cannot load or save it.</exception>
    /// <exception cref="IOException">The saved weights are truncated.</exception>
    public static bool Replace(string folder, OnnxModel compiled)
    {
        var (model, target) = (Path.Combine(folder, CompiledModel.ModelFile), Path.Combine(folder, ModelFile));
        using (var options = EngineOptions.Create(compiled.Name, GraphOptimizationLevel.ORT_ENABLE_ALL, withCustomOperators: true))
        {
            // A failure here is reported when the unoptimised model is loaded.
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
        return compiled.HasCustomOperators && UseCustomOperators(folder, target, proto, compiled);
    }

    private static bool UseCustomOperators(string folder, string target, ModelProto proto, OnnxModel compiled)
    {
        var hasBytes = compiled.HasBytes && ByteConvolutionRewrite.Apply(proto);
        var hasMaps = compiled.HasMaps && UseOperatorsOnMaps(folder, proto, compiled.MostWinogradBytes);
        if (!hasBytes && !hasMaps)
            return false;
        if (proto.OpsetImport.All(o => o.Domain != CustomOperators.Domain))
            proto.OpsetImport.Add(new OperatorSetIdProto { Domain = CustomOperators.Domain, Version = 1 });
        using var file = File.Create(target);
        proto.WriteTo(file);
        return true;
    }

    private static bool UseOperatorsOnMaps(string folder, ModelProto proto, long mostWinogradBytes)
    {
        var isRewritten = BiasGeluRewrite.Apply(proto.Graph);
        var lanes = BlockedLayout.Lanes;
        if (lanes is not (8 or 16))
            return isRewritten;
        isRewritten |= BlockedDepthwiseRewrite.Apply(proto.Graph, lanes);
        isRewritten |= BlockedGateRewrite.Apply(proto.Graph, lanes);
        isRewritten |= WinogradRewrite.Apply(proto, lanes, mostWinogradBytes, out var kernels);
        if (kernels.IsEmpty)
            return isRewritten;
        OptimisedWeights.Write(proto, folder, WeightsFile, CompiledModel.WeightsFile, kernels, lanes);
        File.Delete(Path.Combine(folder, WeightsFile));
        return true;
    }

    private static ModelProto Read(string path)
    {
        using var file = File.OpenRead(path);
        return ModelProto.Parser.ParseFrom(file);
    }

    // ONNX Runtime reports no error when the disk is full.
    private static void ThrowIfCutOff(string folder, ModelProto model)
    {
        var weights = new FileInfo(Path.Combine(folder, WeightsFile));
        var needed = model.Graph.Initializer
            .Select(tensor => ExternalFile.PlaceOf(tensor) is var (offset, length) ? offset + length : 0)
            .DefaultIfEmpty()
            .Max();
        if (needed > (weights.Exists ? weights.Length : 0))
        {
            throw new IOException(
                $"ONNX Runtime did not write all {needed} bytes of '{Printable.Of(weights.FullName)}'; the disk may be full.");
        }
    }

    // CPUID gives the processor's model and features on x86. Leaf 1's EBX is left out, because it differs from core to core.
    private static string Features()
    {
        if (!X86Base.IsSupported)
            return $"{AdvSimd.IsSupported} {Dp.IsSupported}";
        var (signature, _, features, moreFeatures) = X86Base.CpuId(1, 0);
        var (_, extended, moreExtended, mostExtended) = X86Base.CpuId(7, 0);
        int[] registers = [signature, features, moreFeatures, extended, moreExtended, mostExtended];
        return Convert.ToHexStringLower(MemoryMarshal.AsBytes(registers.AsSpan()));
    }
}
