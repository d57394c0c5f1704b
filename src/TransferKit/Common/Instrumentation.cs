using System.Reflection;

namespace TransferKit.Common;

/// <summary>
/// Gives the library its instruments, and the names of their tags. docs/hosting.md lists their names, units and tags, which never change
/// their meaning.
/// </summary>
/// <remarks>
/// Listeners are objects of the assembly that also defines meters and activity sources. A process that has not loaded it has no listener,
/// and gets no instruments, because their creation would take a noticeable part of its start.
/// </remarks>
internal static class Instrumentation
{
    /// <summary>The tag for the network's name.</summary>
    public const string Model = "transferkit.model";

    /// <summary>The tag for <c>hit</c>, <c>miss</c> or <c>off</c>: how a cache answered.</summary>
    public const string Cache = "transferkit.cache";

    /// <summary>The tag of a span for the number of images in a batch.</summary>
    public const string BatchSize = "transferkit.batch.size";

    /// <summary>The tag for the weight file's name.</summary>
    public const string File = "transferkit.file";

    private static volatile bool s_mayHaveListeners;
    private static int s_activeRuns;

    static Instrumentation()
    {
        AppDomain.CurrentDomain.AssemblyLoad += static (_, e) => Notice(e.LoadedAssembly);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            Notice(assembly);
    }

    /// <summary>The reading of one encoded image from a file or a stream; null if nothing can listen.</summary>
    public static TimedOperation? Read => Current?.Read;

    /// <summary>The decoding and resizing of one encoded image; null if nothing can listen.</summary>
    public static TimedOperation? Decode => Current?.Decode;

    /// <summary>The run of one batch; null if nothing can listen.</summary>
    public static TimedOperation? Predict => Current?.Predict;

    /// <summary>The compilation of a model, or its load from the cache; null if nothing can listen.</summary>
    public static TimedOperation? Load => Current?.Load;

    /// <summary>The way from a weight file's name to a verified file in the cache; null if nothing can listen.</summary>
    public static TimedOperation? Fetch => Current?.Fetch;

    /// <summary>The number of batches that the engine has begun and not ended.</summary>
    public static int ActiveRuns => Volatile.Read(ref s_activeRuns);

    private static Instruments? Current => s_mayHaveListeners ? Instruments.OfProcess : null;

    /// <summary>Counts a run until <see cref="EndRun"/>.</summary>
    public static void BeginRun() => Interlocked.Increment(ref s_activeRuns);

    public static void EndRun() => Interlocked.Decrement(ref s_activeRuns);

    /// <summary>Counts the images of a batch that was run.</summary>
    public static void CountImages(string model, int images) => Current?.CountImages(model, images);

    private static void Notice(Assembly assembly)
    {
        if (assembly.FullName?.StartsWith("System.Diagnostics.DiagnosticSource,", StringComparison.Ordinal) == true)
            s_mayHaveListeners = true;
    }
}
