using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace TransferKit.FeatureSets.Tests;

/// <summary>Runs a RabbitMQ server of its own on the loopback, with all its files in one folder.</summary>
internal sealed class RabbitMqServer : IDisposable
{
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private readonly Process _server;
    private readonly string _namesPort = FreePort();

    private RabbitMqServer(string folder)
    {
        Port = FreePort();
        var start = new ProcessStartInfo(Program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        var variables = new Dictionary<string, string>
        {
            ["HOME"] = folder,
            ["RABBITMQ_NODENAME"] = "transferkit@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Port,
            ["RABBITMQ_DIST_PORT"] = FreePort(),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "queues"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "plugins"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(folder, "none"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = _namesPort,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        _server = Process.Start(start)!;
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
    }

    public static bool IsInstalled => File.Exists(Program);

    public string Port { get; }

    /// <summary>Starts a server and waits until it answers.</summary>
    public static async Task<RabbitMqServer> StartAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var server = new RabbitMqServer(folder);
        for (var clock = Stopwatch.StartNew(); ;)
        {
            try
            {
                await using var connection = await ConnectAsync(server.Port);
                return server;
            }
            catch (BrokerUnreachableException) when (clock.Elapsed < TimeSpan.FromMinutes(2) && !server._server.HasExited)
            {
                await Task.Delay(200);
            }
            catch
            {
                server.Dispose();
                throw;
            }
        }
    }

    public static Task<IConnection> ConnectAsync(string port) =>
        new ConnectionFactory { HostName = "127.0.0.1", Port = int.Parse(port, CultureInfo.InvariantCulture) }.CreateConnectionAsync();

    public void Dispose()
    {
        _server.Kill(entireProcessTree: true);
        _server.WaitForExit();
        _server.Dispose();
        // Erlang's daemon of names outlives the server that started it.
        var end = new ProcessStartInfo("epmd", ["-kill"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        end.Environment["ERL_EPMD_PORT"] = _namesPort;
        using var names = Process.Start(end)!;
        names.WaitForExit();
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
