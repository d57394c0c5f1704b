using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Engine;

/// <summary>Loads ONNX Runtime's library and initialises its C# API, which is the longest part of a first load.</summary>
internal static class EngineLibrary
{
    /// <summary>
    /// Loads the library on another thread while the work goes on, which waits at its first use of ONNX Runtime. Work that fails ends
    /// after the library has loaded, because a process that ends in between crashes.
    /// </summary>
    public static async Task<T> LoadDuringAsync<T>(Func<Task<T>> work)
    {
        var library = Task.Run(static () =>
        {
            EngineTelemetry.TurnOff();
            OrtEnv.Instance();
        });
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            // The work throws where the library is missing.
            await library.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
