using Microsoft.ML.OnnxRuntime;
using TransferKit.Onnx.Quantization;

namespace TransferKit.Onnx;

/// <summary>What sessions of our models have in common, whether they run one or save what the optimiser makes of it.</summary>
internal static class EngineOptions
{
    /// <param name="model">The model's name, for the engine's log.</param>
    /// <param name="level">What the optimiser does.</param>
    /// <param name="withOwnOperators">Whether the model may have operators of ours.</param>
    public static SessionOptions Create(string model, GraphOptimizationLevel level, bool withOwnOperators)
    {
        var options = new SessionOptions { GraphOptimizationLevel = level, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, LogId = model };
        try
        {
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
