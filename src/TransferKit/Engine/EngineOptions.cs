using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;
using TransferKit.Operators;

namespace TransferKit.Engine;

/// <summary>Creates the options of every session, those that run a model and those that only save what the optimiser makes of it.</summary>
internal static class EngineOptions
{
    /// <summary>Options for a model as other programs would run it.</summary>
    public static SessionOptions CreatePlain()
    {
        EngineTelemetry.TurnOff();
        var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        if (ProcessorLimit.Threads is { } threads)
            options.IntraOpNumThreads = threads;
        return options;
    }

    /// <summary>Options for a model of ours.</summary>
    /// <param name="model">The model's name, for the engine's log.</param>
    /// <param name="level">What the optimiser does.</param>
    /// <param name="withOwnOperators">Whether the model may have operators of ours.</param>
    public static SessionOptions Create(string model, GraphOptimizationLevel level, bool withOwnOperators)
    {
        var options = CreatePlain();
        try
        {
            (options.GraphOptimizationLevel, options.LogId) = (level, model);
            IntegerDotProducts.ChooseKernels(options);
            if (withOwnOperators)
                OwnOperators.AddTo(options);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }
}
