using Microsoft.Extensions.DependencyInjection;

namespace TransferKit.Hosting;

/// <summary>Lists the keys of the backbones that were added to a container.</summary>
internal sealed class BackboneKeys(IServiceCollection services)
{
    public IEnumerable<string> All =>
        services.Where(s => s.ServiceType == typeof(IBackbone) && s.IsKeyedService).Select(s => s.ServiceKey).OfType<string>();
}
