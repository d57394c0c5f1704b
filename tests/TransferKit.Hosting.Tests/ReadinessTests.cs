using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace TransferKit.Hosting.Tests;

public class ReadinessTests
{
    private const string One = """{ "TransferKit": { "Backbones": { "one": { "Name": "mobilenet_v2" } } } }""";

    private const string Absent = """
        {
          "TransferKit": {
            "Backbones": { "absent": { "Name": "mobilenet_v2", "Weights": "/absent.h5" }, "one": { "Name": "mobilenet_v2" } }
          }
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_warm_up_loads_every_backbone_and_logs_it()
    {
        var log = new HostingEvents();
        using var host = Hosts.Build(Absent, services => services.AddBackboneWarmUp(), log);

        await host.StartAsync(Cancel);
        await log.WaitAsync(2, Cancel);

        Assert.Equal(["1 one Information", "2 absent Error"], log.Events.Order());
    }

    [Fact]
    public async Task A_backbone_is_healthy_once_it_has_run()
    {
        using var host = Hosts.Build(One, services => services.AddHealthChecks().AddBackbone("one", tags: ["ready"]));
        var checks = host.Services.GetRequiredService<HealthCheckService>();

        var first = (await checks.CheckHealthAsync(r => r.Tags.Contains("ready"), Cancel)).Entries["one"];
        var last = first;
        while (last.Status != HealthStatus.Healthy)
        {
            Assert.Equal("one is being loaded.", last.Description);
            await Task.Delay(10, Cancel);
            last = (await checks.CheckHealthAsync(Cancel)).Entries["one"];
        }

        Assert.Equal(HealthStatus.Unhealthy, first.Status);
        Assert.StartsWith("mobilenet_v2 ", last.Description);
    }

    [Fact]
    public async Task A_load_that_failed_is_reported_and_tried_again()
    {
        var log = new HostingEvents();
        using var host = Hosts.Build(
            Absent, services => services.AddHealthChecks().AddBackbone("absent", failureStatus: HealthStatus.Degraded), log);
        var checks = host.Services.GetRequiredService<HealthCheckService>();

        await checks.CheckHealthAsync(Cancel);
        await log.WaitAsync(1, Cancel);
        HealthReportEntry entry;
        do
            entry = (await checks.CheckHealthAsync(Cancel)).Entries["absent"];
        while (entry.Exception is null);
        await log.WaitAsync(2, Cancel);

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("/absent.h5", entry.Description);
        Assert.All(log.Events, e => Assert.Equal("2 absent Error", e));
    }

    /// <summary>The events of the category of hosting.</summary>
    private sealed class HostingEvents : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _events = new();
        private readonly SemaphoreSlim _arrived = new(0);
        private int _seen;

        public IReadOnlyCollection<string> Events => _events;

        public async Task WaitAsync(int events, CancellationToken cancellationToken)
        {
            for (; _seen < events; _seen++)
                await _arrived.WaitAsync(cancellationToken);
        }

        public ILogger CreateLogger(string categoryName) =>
            categoryName == "TransferKit.Hosting" ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var key = ((IEnumerable<KeyValuePair<string, object?>>)state!).Single(p => p.Key == "Key").Value;
            _events.Enqueue($"{eventId.Id} {key} {logLevel}");
            _arrived.Release();
        }

        public bool IsEnabled(LogLevel logLevel) => true;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public void Dispose() => _arrived.Dispose();
    }
}
