namespace TransferKit.WeightSources.Store;

/// <summary>
/// Computes the pause before an attempt is repeated. A random part keeps many clients that have failed together from coming back
/// together.
/// </summary>
internal static class RetryPause
{
    /// <param name="failures">The number of attempts in a row that failed, at least 1.</param>
    /// <param name="retryAfter">The time that the server has asked for; null if it named none.</param>
    /// <param name="options">The options that name the first and the longest pause.</param>
    /// <param name="random">The source of the random part.</param>
    /// <returns>
    /// Without a time of the server, the doubled delay less up to half of it. With one, that time and up to half more, because a server
    /// that names a time is not asked before it. The longest pause limits both before the random part, which would be lost otherwise.
    /// </returns>
    public static TimeSpan After(int failures, TimeSpan? retryAfter, WeightStoreOptions options, Random random)
    {
        var seconds = retryAfter?.TotalSeconds ?? options.RetryDelay.TotalSeconds * Math.Pow(2, failures - 1);
        var part = random.NextDouble() / 2;
        return TimeSpan.FromSeconds(
            Math.Clamp(seconds, 0, options.MaxRetryDelay.TotalSeconds) * (retryAfter is null ? 1 - part : 1 + part));
    }
}
