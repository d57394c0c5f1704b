using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TransferKit.Hosting;

/// <summary>Loads the backbones of a container in the background, and remembers the last load of each.</summary>
internal sealed class BackboneLoads(IServiceProvider provider, ILoggerFactory? loggers = null)
{
    private readonly ILogger? _log = loggers?.CreateLogger(HostingLog.Category);
    private readonly Dictionary<string, Task<IBackbone>> _loads = new(StringComparer.Ordinal);

    /// <summary>Gets the load of a backbone: the one that runs or has succeeded, or else a new one.</summary>
    public Task<IBackbone> LoadAsync(string key)
    {
        lock (_loads)
        {
            if (!_loads.TryGetValue(key, out var load) || load.IsFaulted)
                _loads[key] = load = Task.Run(() => Load(key));
            return load;
        }
    }

    /// <summary>Gets the error of the last load; null if it runs or has succeeded, or if there was none.</summary>
    public Exception? Error(string key)
    {
        lock (_loads)
            return _loads.GetValueOrDefault(key)?.Exception?.InnerException;
    }

    private IBackbone Load(string key)
    {
        try
        {
            var backbone = provider.GetRequiredKeyedService<IBackbone>(key);
            // The first run starts sessions and compiles code.
            backbone.PredictAll(new byte[backbone.InputSize.Height * backbone.InputSize.Width * 3]);
            _log?.BackboneReady(key, backbone);
            return backbone;
        }
        catch (Exception e)
        {
            _log?.BackboneFailed(e, key);
            throw;
        }
    }
}
