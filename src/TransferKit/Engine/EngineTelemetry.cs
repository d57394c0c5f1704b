using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;

namespace TransferKit.Engine;

/// <summary>
/// Turns off ONNX Runtime's usage events, which send the names of programs and models to Microsoft. A user who wants them sets
/// <c>ORT_DISABLE_TELEMETRY=0</c>.
/// </summary>
internal static class EngineTelemetry
{
    public const string Variable = "ORT_DISABLE_TELEMETRY";

    private static readonly bool IsWanted = Environment.GetEnvironmentVariable(Variable) is "0" or "false";

    /// <summary>Turns the events off on Linux and macOS, where ONNX Runtime reads the variable at its first call.</summary>
    /// <remarks>A module initializer runs before any other code of this assembly, and so before this library loads ONNX Runtime.</remarks>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255",
        Justification = "The caller's code may call ONNX Runtime too, and privacy must not depend on the order of the calls.")]
    internal static void SetVariable() => NativeEnvironment.SetDefault(Variable, "1");

    /// <summary>Turns the events off on Windows, where ONNX Runtime offers a function and reads no variable.</summary>
    public static void TurnOff()
    {
        if (OperatingSystem.IsWindows() && !IsWanted)
            OrtEnv.Instance().DisableTelemetryEvents();
    }
}
