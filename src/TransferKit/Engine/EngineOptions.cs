using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;
using TransferKit.Operators;

namespace TransferKit.Engine;

/// <summary>Creates the options of every session, both those that run a model and those that only save the optimised one.</summary>
internal static class EngineOptions
{
    /// <summary>Creates options for a model of standard operators alone, with the optimiser's default level.</summary>
    public static SessionOptions CreatePlain()
    {
        EngineTelemetry.TurnOff();
        var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        // Where its own count is right, ONNX Runtime also binds its threads to cores.
        if (ProcessorLimit.Threads is not null || !ProcessorCores.AreToldByProcessor)
            options.IntraOpNumThreads = ProcessorCores.Count;
        return options;
    }

    /// <summary>Creates options for a model that this library wrote.</summary>
    /// <param name="model">The model's name, for the engine's log.</param>
    /// <param name="level">The level of the optimiser.</param>
    /// <param name="withCustomOperators">Whether to register our own operators.</param>
    public static SessionOptions Create(string model, GraphOptimizationLevel level, bool withCustomOperators)
    {
        var options = CreatePlain();
        try
        {
            (options.GraphOptimizationLevel, options.LogId) = (level, model);
            IntegerDotProducts.ChooseKernels(options);
            if (withCustomOperators)
                CustomOperators.AddTo(options);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }
}
