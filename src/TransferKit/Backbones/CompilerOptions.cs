using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace TransferKit.Backbones;

/// <summary>Specifies how a network is compiled, and where compiled models are cached.</summary>
internal sealed record CompilerOptions
{
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Gets the calibration of int8; null for floats.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>Gets the device of the session, which an exported model does not have.</summary>
    public ExecutionDevice Device { get; init; }

    public Action<SessionOptions>? ConfigureSession { get; init; }

    /// <summary>Gets the folder of compiled models and calibrations; null to cache none.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Gets the log of the store that owns the cache; null for none.</summary>
    public ILogger? Log { get; init; }
}
