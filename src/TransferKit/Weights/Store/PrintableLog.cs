using Microsoft.Extensions.Logging;
using TransferKit.Common;

namespace TransferKit.WeightSources.Store;

/// <summary>
/// Escapes control characters in log entries, because file names, addresses and messages of other libraries may contain some. They could
/// forge an entry or command a terminal. Exceptions are passed on, because a <see cref="TransferKitException"/> escapes its own text.
/// </summary>
internal sealed class PrintableLog(ILogger log) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => log.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!log.IsEnabled(logLevel))
            return;
        var message = formatter(state, exception);
        var printable = Printable.Of(message);
        // An entry without such characters stays as it is, with its values in their types.
        if (ReferenceEquals(message, printable))
            log.Log(logLevel, eventId, state, exception, formatter);
        else
            log.Log(logLevel, eventId, Escaped(state), exception, (_, _) => printable);
    }

    private static KeyValuePair<string, object?>[] Escaped<TState>(TState state) =>
        state is not IEnumerable<KeyValuePair<string, object?>> values ? []
        : [.. values.Select(v => new KeyValuePair<string, object?>(v.Key, v.Value is string text ? Printable.Of(text) : v.Value))];
}
