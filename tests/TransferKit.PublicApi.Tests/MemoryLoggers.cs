using Microsoft.Extensions.Logging;

namespace TransferKit.PublicApi.Tests;

/// <summary>A logger factory whose loggers collect what is logged.</summary>
internal sealed class MemoryLoggers : ILoggerFactory, ILogger
{
    public List<(LogLevel Level, EventId Id, string Text)> Events { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Events.Add((logLevel, eventId, formatter(state, exception)));

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) { }

    public void Dispose() { }
}
