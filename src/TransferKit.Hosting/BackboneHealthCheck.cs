using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TransferKit.Hosting;

/// <summary>Reports whether a backbone is loaded and has run an image.</summary>
internal sealed class BackboneHealthCheck(string key, BackboneLoads loads) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var error = loads.Error(key);
        var load = loads.LoadAsync(key);
        return Task.FromResult(
            load.IsCompletedSuccessfully ? HealthCheckResult.Healthy(load.Result.ToString())
            : error is null ? new(context.Registration.FailureStatus, $"{key} is being loaded.")
            : new(context.Registration.FailureStatus, $"{key} could not be loaded, and is tried again: {error.Message}", error));
    }
}
