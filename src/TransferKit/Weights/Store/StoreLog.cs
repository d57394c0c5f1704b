using Microsoft.Extensions.Logging;

namespace TransferKit.WeightSources.Store;

/// <summary>What a store logs; the ids are documented in docs/weights.md and never change their meaning.</summary>
internal static partial class StoreLog
{
    public const string Category = "TransferKit.WeightStore";

    [LoggerMessage(1, LogLevel.Debug, "{File} is used as it is, verified before: {Path}", EventName = "Remembered")]
    public static partial void Remembered(this ILogger log, string file, string path);

    [LoggerMessage(2, LogLevel.Information, "{File} was verified ({Hash}): {Path}", EventName = "Verified")]
    public static partial void Verified(this ILogger log, string file, string hash, string path);

    [LoggerMessage(3, LogLevel.Information, "{File} is asked for at {Address}, with {Bytes} bytes there already", EventName = "TryStarted")]
    public static partial void TryStarted(this ILogger log, string file, string address, long bytes);

    [LoggerMessage(4, LogLevel.Information, "{File} was downloaded from {Address} after {Tries} tries: {Bytes} bytes", EventName = "Downloaded")]
    public static partial void Downloaded(this ILogger log, string file, string address, int tries, long bytes);

    [LoggerMessage(5, LogLevel.Warning, "{File} did not come from {Address} at try {Tries}: {Reason}; again in {Pause}", EventName = "TryFailed")]
    public static partial void TryFailed(this ILogger log, string file, string address, int tries, string reason, TimeSpan pause);

    [LoggerMessage(6, LogLevel.Warning, "{File} is not to be had from {Address}, tried {Tries} times: {Reason}", EventName = "AddressGivenUp")]
    public static partial void AddressGivenUp(this ILogger log, string file, string address, int tries, string reason);

    [LoggerMessage(7, LogLevel.Warning, "{File} was set aside as {Rejected}: {Reason}", EventName = "SetAside")]
    public static partial void SetAside(this ILogger log, string file, string rejected, string reason);

    [LoggerMessage(8, LogLevel.Warning, "{Path} of a read-only cache is passed over: {Reason}", EventName = "PassedOver")]
    public static partial void PassedOver(this ILogger log, string path, string reason);

    [LoggerMessage(9, LogLevel.Information, "{File} is being brought by another thread or process, which is waited for", EventName = "Waiting")]
    public static partial void Waiting(this ILogger log, string file);

    [LoggerMessage(10, LogLevel.Error, "{File} is not to be had", EventName = "Failed")]
    public static partial void Failed(this ILogger log, Exception error, string file);

    [LoggerMessage(11, LogLevel.Information, "{File} was taken from the bundle {Bundle}", EventName = "Imported")]
    public static partial void Imported(this ILogger log, string file, string bundle);

    [LoggerMessage(12, LogLevel.Information, "{File} was removed from the cache", EventName = "Removed")]
    public static partial void Removed(this ILogger log, string file);

    [LoggerMessage(13, LogLevel.Warning, "{File} is used unverified, since no hash of it is known; its own is {Hash}: {Path}",
        EventName = "Unverified")]
    public static partial void Unverified(this ILogger log, string file, string hash, string path);

    [LoggerMessage(14, LogLevel.Warning, "The compiled model {Folder} is compiled again: {Reason}", EventName = "CompiledModelRebuilt")]
    public static partial void CompiledModelRebuilt(this ILogger log, string folder, string reason);

    [LoggerMessage(15, LogLevel.Warning, "The folder of compiled models {Folder} is not used: {Reason}. Models are compiled at each start "
        + "until it is deleted. Where users share a cache, give each a CacheDirectory of its own and name the shared one in ReadOnlyCaches",
        EventName = "CompiledModelsNotUsed")]
    public static partial void CompiledModelsNotUsed(this ILogger log, string folder, string reason);

    // A gap in the ids leaves room for what happens to files; from 20 on stands what is done with their weights.
    [LoggerMessage(
        20, LogLevel.Warning, "{File} names {Bound} of the {Layers} layers with weights of {Model}; the others keep initial values: {Unbound}",
        EventName = "PartlyBound")]
    public static partial void PartlyBound(this ILogger log, string file, int bound, int layers, string model, string unbound);
}
