using Microsoft.Extensions.Hosting;

namespace TransferKit.Hosting;

/// <summary>Loads the backbones of a container one after another when the host starts, because each load uses all cores.</summary>
internal sealed class BackboneWarmUp(BackboneKeys keys, BackboneLoads loads) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var key in keys.All)
        {
            // The load itself logs its failure.
            var load = loads.LoadAsync(key).WaitAsync(stoppingToken);
            await ((Task)load).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stoppingToken.ThrowIfCancellationRequested();
        }
    }
}
