using Microsoft.Extensions.Logging;
using TransferKit.WeightSources.Store;

namespace TransferKit.Tests.WeightSources.Store;

public class PrintableLogTests
{
    private readonly Entries _entries = new();

    [Fact]
    public void A_file_name_cannot_forge_an_entry_or_command_a_terminal()
    {
        new PrintableLog(_entries).Imported("a.h5", "b\n2026 all is well\u001b[2J.zip");

        Assert.Equal("a.h5 was imported from the bundle b\\u000A2026 all is well\\u001B[2J.zip", _entries.Text);
        Assert.Equal("b\\u000A2026 all is well\\u001B[2J.zip", _entries.Values["Bundle"]);
        Assert.Equal("{File} was imported from the bundle {Bundle}", _entries.Values["{OriginalFormat}"]);
    }

    [Fact]
    public void Other_entries_keep_their_values_and_errors()
    {
        var error = new InvalidOperationException("x");
        var log = new PrintableLog(_entries);
        log.TryStarted("a.h5", "https://host/a.h5", 5);
        Assert.Equal(5L, _entries.Values["Bytes"]);
        log.Failed(error, "a.h5");
        Assert.Same(error, _entries.Error);
        Assert.False(log.IsEnabled(LogLevel.Trace));
        Assert.Null(log.BeginScope("scope"));
    }

    [Fact]
    public void An_error_is_printed_with_the_messages_of_its_causes_escaped()
    {
        var error = Assert.Throws<ImageDecodeException>(void () => throw new ImageDecodeException(
            ImageDecodeError.Corrupt, "a.jpg", "it is damaged.", new IOException("'b\u001b[31m' is busy")));

        var text = error.ToString();
        Assert.Contains("TransferKit.ImageDecodeException: a.jpg: it is damaged.", text);
        Assert.Contains(" ---> System.IO.IOException: 'b\\u001B[31m' is busy", text);
        Assert.Contains(nameof(An_error_is_printed_with_the_messages_of_its_causes_escaped), text);
        Assert.DoesNotContain('\u001b', text);
    }

    private sealed class Entries : ILogger
    {
        public string? Text { get; private set; }
        public Exception? Error { get; private set; }
        public Dictionary<string, object?> Values { get; private set; } = [];

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            (Text, Error) = (formatter(state, exception), exception);
            Values = Assert.IsAssignableFrom<IEnumerable<KeyValuePair<string, object?>>>(state).ToDictionary(v => v.Key, v => v.Value);
        }

        public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Trace;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    }
}
