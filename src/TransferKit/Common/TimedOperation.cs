using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;

namespace TransferKit.Common;

/// <summary>Represents a kind of work that has a span in traces and a histogram of seconds.</summary>
/// <param name="name">The first word of the spans' names.</param>
/// <param name="source">The source of the spans.</param>
/// <param name="duration">The histogram.</param>
internal sealed class TimedOperation(string name, ActivitySource source, Histogram<double> duration)
{
    /// <summary>Begins the measurement of one piece of work, or returns null where no listener wants it.</summary>
    /// <param name="tag">The tag that tells the pieces apart, such as <see cref="Instrumentation.Model"/>; null for none.</param>
    /// <param name="value">The value of the tag. The span's name ends with it.</param>
    public Timing? Begin(string? tag = null, string? value = null)
    {
        var isTraced = source.HasListeners();
        if (!isTraced && !duration.Enabled)
            return null;
        var timing = new Timing(isTraced ? source.StartActivity(value is null ? name : $"{name} {value}") : null, duration);
        if (tag is not null)
            timing.Tag(tag, value);
        return timing;
    }

    /// <summary>Represents the measurement of one piece of work, which its disposal ends.</summary>
    internal sealed class Timing(Activity? activity, Histogram<double> duration) : IDisposable
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        // Not a TagList, whose type would have to be loaded wherever a measurement could begin.
        private readonly List<KeyValuePair<string, object?>> _tags = [];

        /// <summary>Sets a tag of few values on the span and the histogram.</summary>
        public void Tag(string tag, object? value)
        {
            _tags.Add(new(tag, value));
            activity?.SetTag(tag, value);
        }

        /// <summary>Sets a tag of many values on the span alone, because each value would be a series of the histogram.</summary>
        public void TagSpan(string tag, object? value) => activity?.SetTag(tag, value);

        /// <summary>Records the error that ends the work. Returns false: as an exception filter it lets the error pass.</summary>
        public bool IsHandled(Exception error)
        {
            Tag("error.type", error.GetType().FullName);
            activity?.SetStatus(ActivityStatusCode.Error, error.Message);
            return false;
        }

        public void Dispose()
        {
            duration.Record(Stopwatch.GetElapsedTime(_start).TotalSeconds, CollectionsMarshal.AsSpan(_tags));
            activity?.Dispose();
        }
    }
}
