using System.Net;

namespace TransferKit.WeightSources.Store;

/// <summary>Thrown when one attempt to download fails. It is caught inside the store.</summary>
/// <param name="message">The server's answer, or the error.</param>
/// <param name="worthRepeating">Whether the same address may succeed at a later attempt.</param>
/// <param name="cause">The exception that caused the failure, if any.</param>
internal sealed class AttemptFailedException(string message, bool worthRepeating, Exception? cause = null) : Exception(message, cause)
{
    public bool WorthRepeating { get; } = worthRepeating;
    public HttpStatusCode? Status { get; init; }

    /// <summary>Gets whether the host's name is unknown. That is so without a network, and rarely mends itself within seconds.</summary>
    public bool IsUnknownHost => InnerException is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError };

    /// <summary>Gets the delay that the server requests before the next attempt.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
