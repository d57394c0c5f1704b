using System.Net;

namespace TransferKit.WeightSources.Store;

/// <summary>One try of a download failed. Never leaves the store.</summary>
/// <param name="message">What the server answered or what happened on the way.</param>
/// <param name="worthRepeating">Whether the same address may yet answer otherwise.</param>
/// <param name="cause">What was thrown, if anything was.</param>
internal sealed class TryFailedException(string message, bool worthRepeating, Exception? cause = null) : Exception(message, cause)
{
    public bool WorthRepeating { get; } = worthRepeating;
    public HttpStatusCode? Status { get; init; }

    /// <summary>How long the server asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
