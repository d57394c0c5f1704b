using Microsoft.Extensions.Logging;

namespace TransferKit.Hosting;

/// <summary>Defines the log messages of hosting. Their ids are documented in docs/hosting.md and never change their meaning.</summary>
internal static partial class HostingLog
{
    public const string Category = "TransferKit.Hosting";

    [LoggerMessage(1, LogLevel.Information, "The backbone {Key} is loaded and has run an image: {Backbone}", EventName = "BackboneReady")]
    public static partial void BackboneReady(this ILogger log, string key, IBackbone backbone);

    [LoggerMessage(2, LogLevel.Error, "The backbone {Key} could not be loaded", EventName = "BackboneFailed")]
    public static partial void BackboneFailed(this ILogger log, Exception error, string key);
}
