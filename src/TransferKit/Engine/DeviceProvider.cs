using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Engine;

/// <summary>Represents the execution provider of ONNX Runtime for a device that is not the CPU.</summary>
/// <param name="Device">The device.</param>
/// <param name="Name">ONNX Runtime's name of the provider.</param>
/// <param name="Package">The package whose build of ONNX Runtime has the provider.</param>
/// <param name="Systems">The systems for which the package has it.</param>
/// <param name="Needs">The software that the provider loads from the machine.</param>
/// <param name="Append">Adds the provider to a session.</param>
/// <remarks>
/// A model for a device consists of standard operators and is cached before optimisation, as with <c>ConfigureSession</c>. So one entry
/// of the cache serves all devices, and no device loads a model that was optimised for the CPU.
/// </remarks>
internal sealed record DeviceProvider(
    ExecutionDevice Device, string Name, string Package, string Systems, string Needs, Action<SessionOptions> Append)
{
    private static readonly ImmutableArray<DeviceProvider> All =
    [
        new(ExecutionDevice.Cuda, "CUDAExecutionProvider", "Microsoft.ML.OnnxRuntime.Gpu", "Linux and Windows on x64",
            "an NVIDIA driver, CUDA and cuDNN", AppendCuda),
        new(ExecutionDevice.DirectML, "DmlExecutionProvider", "Microsoft.ML.OnnxRuntime.DirectML", "Windows", "DirectX 12", AppendDirectML),
        new(ExecutionDevice.CoreML, "CoreMLExecutionProvider", "Microsoft.ML.OnnxRuntime", "macOS", "Core ML", AppendCoreML),
    ];

    /// <summary>Gets the provider of a device; null for the CPU.</summary>
    /// <exception cref="DeviceUnavailableException">The build of ONNX Runtime in this process lacks the provider.</exception>
    public static DeviceProvider? Of(ExecutionDevice device)
    {
        if (device == ExecutionDevice.Cpu)
            return null;
        var provider = All.Single(p => p.Device == device);
        EngineTelemetry.TurnOff();
        var present = OrtEnv.Instance().GetAvailableProviders();
        if (present.Contains(provider.Name))
            return provider;
        throw new DeviceUnavailableException(device, provider.Package,
            $"ONNX Runtime was built without {provider.Name}; it has {string.Join(", ", present)}. "
            + $"Reference the package {provider.Package} ({provider.Systems}), as docs/performance.md shows, or leave Device at Cpu.");
    }

    /// <summary>Adds the provider to a session.</summary>
    /// <exception cref="DeviceUnavailableException">The provider cannot start on this machine.</exception>
    public void AddTo(SessionOptions options)
    {
        try
        {
            Append(options);
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            throw new DeviceUnavailableException(Device, Package,
                $"{Name} of the package {Package} does not start; it needs {Needs}. {e.Message}", e);
        }
    }

    private static void AppendCuda(SessionOptions options)
    {
        using var cuda = new OrtCUDAProviderOptions();
        // TF32 rounds the factors of products to 10 bits, and Keras' numbers would differ by a thousandth.
        cuda.UpdateOptions(new() { ["use_tf32"] = "0" });
        options.AppendExecutionProvider_CUDA(cuda);
    }

    private static void AppendDirectML(SessionOptions options)
    {
        // DirectML supports neither memory patterns nor parallel execution.
        options.EnableMemoryPattern = false;
        options.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
        options.AppendExecutionProvider_DML();
    }

    // Only models of this format compute in 32 bits.
    private static void AppendCoreML(SessionOptions options) =>
        options.AppendExecutionProvider("CoreML", new() { ["ModelFormat"] = "MLProgram" });
}
