using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Engine;

/// <summary>
/// Represents what the user changes on a session: its device, and options of ONNX Runtime. Such a session gets standard operators, is
/// optimised at each load, and does not wait for a share of the cores.
/// </summary>
/// <param name="Device">The provider of the device; null for the CPU.</param>
/// <param name="Configure">The user's delegate; null for none.</param>
internal sealed record SessionSetup(DeviceProvider? Device, Action<SessionOptions>? Configure)
{
    private readonly Lock _serial = new();

    /// <summary>Gets the setup of a device and a delegate; null for a session on the CPU without changes.</summary>
    /// <exception cref="DeviceUnavailableException">The build of ONNX Runtime in this process lacks the device's provider.</exception>
    public static SessionSetup? Of(ExecutionDevice device, Action<SessionOptions>? configure) =>
        device == ExecutionDevice.Cpu && configure is null ? null : new(DeviceProvider.Of(device), configure);

    /// <summary>Runs a batch. A session on DirectML runs one at a time.</summary>
    public void Run(Action work)
    {
        if (Device?.Device != ExecutionDevice.DirectML)
        {
            work();
            return;
        }
        lock (_serial)
            work();
    }

    /// <summary>Changes a session. The delegate comes last, so that it can override the device's choices.</summary>
    public void Apply(SessionOptions options)
    {
        Device?.AddTo(options);
        Configure?.Invoke(options);
    }
}
