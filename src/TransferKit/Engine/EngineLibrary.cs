using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Engine;

/// <summary>Loads ONNX Runtime's library and initialises its C# API, which is the longest part of a first load.</summary>
internal static class EngineLibrary
{
    /// <summary>
    /// Begins to load it on another thread, so that the caller plans the network and finds its files meanwhile. The caller's first use of
    /// ONNX Runtime waits for the end, and throws if the library is missing.
    /// </summary>
    public static void BeginLoad() => Task.Run(static () =>
    {
        EngineTelemetry.TurnOff();
        OrtEnv.Instance();
    });
}
