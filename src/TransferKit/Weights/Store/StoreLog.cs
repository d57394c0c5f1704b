using Microsoft.Extensions.Logging;

namespace TransferKit.WeightSources.Store;

/// <summary>Defines the store's log messages. Their ids are documented in docs/weight-store.md and never change their meaning.</summary>
internal static partial class StoreLog
{
    public const string Category = "TransferKit.WeightStore";

    [LoggerMessage(1, LogLevel.Debug, "{File} is unchanged since it was verified: {Path}", EventName = "Remembered")]
    public static partial void Remembered(this ILogger log, string file, string path);

    [LoggerMessage(2, LogLevel.Information, "{File} was verified ({Hash}): {Path}", EventName = "Verified")]
    public static partial void Verified(this ILogger log, string file, string hash, string path);

    [LoggerMessage(3, LogLevel.Information, "Downloading {File} from {Address}, with {Bytes} bytes received before",
        EventName = "TryStarted")]
    public static partial void TryStarted(this ILogger log, string file, string address, long bytes);

    [LoggerMessage(4, LogLevel.Information, "{File} was downloaded from {Address} in {Tries} attempt(s): {Bytes} bytes",
        EventName = "Downloaded")]
    public static partial void Downloaded(this ILogger log, string file, string address, int tries, long bytes);

    [LoggerMessage(5, LogLevel.Warning, "{File} could not be downloaded from {Address} at attempt {Tries}: {Reason}; retrying in {Pause}",
        EventName = "TryFailed")]
    public static partial void TryFailed(this ILogger log, string file, string address, int tries, string reason, TimeSpan pause);

    [LoggerMessage(6, LogLevel.Warning, "{File} is not available from {Address} after {Tries} attempt(s): {Reason}",
        EventName = "AddressGivenUp")]
    public static partial void AddressGivenUp(this ILogger log, string file, string address, int tries, string reason);

    [LoggerMessage(7, LogLevel.Warning, "{File} failed its check and was moved to {Rejected}: {Reason}", EventName = "Rejected")]
    public static partial void Rejected(this ILogger log, string file, string rejected, string reason);

    [LoggerMessage(8, LogLevel.Warning, "{Path} of a read-only cache is skipped: {Reason}", EventName = "PassedOver")]
    public static partial void PassedOver(this ILogger log, string path, string reason);

    [LoggerMessage(9, LogLevel.Information, "Waiting for {File}: another thread or process is downloading it",
        EventName = "Waiting")]
    public static partial void Waiting(this ILogger log, string file);

    [LoggerMessage(10, LogLevel.Error, "{File} could not be obtained", EventName = "Failed")]
    public static partial void Failed(this ILogger log, Exception error, string file);

    [LoggerMessage(11, LogLevel.Information, "{File} was imported from the bundle {Bundle}", EventName = "Imported")]
    public static partial void Imported(this ILogger log, string file, string bundle);

    [LoggerMessage(12, LogLevel.Information, "{File} was removed from the cache", EventName = "Removed")]
    public static partial void Removed(this ILogger log, string file);

    [LoggerMessage(13, LogLevel.Warning, "{File} is unverified, because no hash of it is known; the file has {Hash}: {Path}",
        EventName = "Unverified")]
    public static partial void Unverified(this ILogger log, string file, string hash, string path);

    [LoggerMessage(14, LogLevel.Warning, "The compiled model {Folder} is compiled again: {Reason}", EventName = "CompiledModelRebuilt")]
    public static partial void CompiledModelRebuilt(this ILogger log, string folder, string reason);

    [LoggerMessage(15, LogLevel.Warning, "The folder of compiled models {Folder} is not used: {Reason}. Models are compiled at each start "
        + "until it is deleted. If users share a cache, give each a CacheDirectory of their own and name the shared one in ReadOnlyCaches",
        EventName = "CompiledModelsNotUsed")]
    public static partial void CompiledModelsNotUsed(this ILogger log, string folder, string reason);

    // Ids below 20 are for files; ids from 20 on are for the use of their weights.
    [LoggerMessage(20, LogLevel.Warning,
        "{File} names {Bound} of the {Layers} layers with weights of {Model}; the others keep initial values: {Unbound}",
        EventName = "PartlyBound")]
    public static partial void PartlyBound(this ILogger log, string file, int bound, int layers, string model, string unbound);
}
