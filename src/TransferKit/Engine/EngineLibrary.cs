using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Engine;

/// <summary>Loads ONNX Runtime's library and initialises its C# API, which is the longest part of a first load.</summary>
internal static class EngineLibrary
{
    /// <summary>
    /// Loads the library on one thread of the pool during work on another, which waits at its first use of ONNX Runtime. Work that fails
    /// ends after the library has loaded, because a process that ends in between crashes.
    /// </summary>
    public static Task<T> LoadDuringAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        var library = Task.Run(Load, cancellation);
        return Task.Run(() => WorkAsync(work, library), cancellation);
    }

    private static async Task<T> WorkAsync<T>(Func<Task<T>> work, Task library)
    {
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

    private static void Load()
    {
        EngineTelemetry.TurnOff();
        OrtEnv.Instance();
    }
}
