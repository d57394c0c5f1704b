namespace TransferKit;

/// <summary>Thrown when the build of ONNX Runtime in the process, or the machine, lacks the device of the options.</summary>
public sealed class DeviceUnavailableException : TransferKitException
{
    internal DeviceUnavailableException(ExecutionDevice device, string package, string problem, Exception? innerException = null)
        : base($"{device} cannot run networks here: {problem}", innerException) => (Device, Package) = (device, package);

    /// <summary>Gets the device.</summary>
    public ExecutionDevice Device { get; }

    /// <summary>Gets the NuGet package that has the device's execution provider.</summary>
    public string Package { get; }
}
