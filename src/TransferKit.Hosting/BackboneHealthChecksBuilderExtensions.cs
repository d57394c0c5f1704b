using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TransferKit.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds health checks of backbones.</summary>
public static class BackboneHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a readiness check of a backbone: healthy once it is loaded and has run an image. The first check begins the load if nothing
    /// has before. A check never waits for a load; after a failed load, the next check begins another.
    /// </summary>
    /// <param name="builder">The builder of health checks.</param>
    /// <param name="key">The key of the backbone: the one of <c>AddBackbone</c> or of the configuration.</param>
    /// <param name="name">The name of the check. Defaults to <paramref name="key"/>.</param>
    /// <param name="failureStatus">The status while the backbone is not ready. Defaults to null, which means unhealthy.</param>
    /// <param name="tags">The tags of the check. Defaults to none.</param>
    /// <returns><paramref name="builder"/>, for chained calls.</returns>
    public static IHealthChecksBuilder AddBackbone(
        this IHealthChecksBuilder builder, string key, string? name = null, HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(key);
        builder.Services.TryAddSingleton<BackboneLoads>();
        return builder.Add(new(
            name ?? key, provider => new BackboneHealthCheck(key, provider.GetRequiredService<BackboneLoads>()), failureStatus, tags));
    }
}
