using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Engine;

/// <summary>Loads ONNX Runtime's library and initialises its C# API, which is the longest part of a first load.</summary>
internal static class EngineLibrary
{
    /// <summary>Loads it on another thread, so that the caller plans the network and finds its files meanwhile.</summary>
    public static Task LoadAsync() => Task.Run(static () =>
    {
        EngineTelemetry.TurnOff();
        OrtEnv.Instance();
    });
}
