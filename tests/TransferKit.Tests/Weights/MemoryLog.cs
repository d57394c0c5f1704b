using Microsoft.Extensions.Logging;

namespace TransferKit.Tests.WeightSources;

/// <summary>Collects the log events of a store.</summary>
internal sealed class MemoryLog : ILoggerFactory, ILogger
{
    public List<(LogLevel Level, EventId Id, string Text)> Events { get; } = [];

    public ILogger CreateLogger(string categoryName)
    {
        Assert.Equal("TransferKit.WeightStore", categoryName);
        return this;
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (Events)
            Events.Add((logLevel, eventId, formatter(state, exception)));
    }

    public bool IsEnabled(LogLevel logLevel) => true;
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    public void AddProvider(ILoggerProvider provider) { }
    public void Dispose() { }
}
