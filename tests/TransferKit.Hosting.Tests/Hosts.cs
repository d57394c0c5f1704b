using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TransferKit.Tests;

namespace TransferKit.Hosting.Tests;

/// <summary>Builds hosts with a configuration in JSON, whose weights are those of the package.</summary>
internal static class Hosts
{
    public static IHost Build(string json, Action<IServiceCollection>? configure = null, ILoggerProvider? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        builder.Configuration.AddJsonStream(stream);
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.Services.AddTransferKit(builder.Configuration.GetSection("TransferKit"));
        builder.Services.Configure<TransferKitOptions>(shared => shared.Defaults = MobileNet.Options);
        configure?.Invoke(builder.Services);
        return builder.Build();
    }
}
