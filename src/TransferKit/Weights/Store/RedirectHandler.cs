namespace TransferKit.WeightSources.Store;

/// <summary>Follows redirects between http and https addresses, but never from https to http or to another scheme.</summary>
internal sealed class RedirectHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MaxRedirects = 10;

    /// <summary>Gets the address that a redirect leads to; null if the response is not a redirect.</summary>
    /// <exception cref="AttemptFailedException">The redirect must not be followed.</exception>
    public static Uri? TargetOf(Uri asked, HttpResponseMessage answer)
    {
        if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || answer.Headers.Location is not { } location)
            return null;
        if (!Uri.TryCreate(asked, location, out var target))
            throw Refused(asked, location, "is not an address");
        ThrowIfRefused(asked, target);
        return target;
    }

    /// <summary>Throws if a redirect from one address to another must not be followed.</summary>
    public static void ThrowIfRefused(Uri asked, Uri target)
    {
        if (target.Scheme != Uri.UriSchemeHttp && target.Scheme != Uri.UriSchemeHttps)
            throw Refused(asked, target, "is neither an http nor an https address");
        if (asked.Scheme == Uri.UriSchemeHttps && target.Scheme == Uri.UriSchemeHttp)
            throw Refused(asked, target, "is not encrypted");
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            try
            {
                if (redirects == MaxRedirects || TargetOf(request.RequestUri!, answer) is not { } target)
                    return answer;
                request.RequestUri = target;
            }
            catch
            {
                answer.Dispose();
                throw;
            }
            answer.Dispose();
        }
    }

    private static AttemptFailedException Refused(Uri asked, Uri target, string why) =>
        new($"{asked.GetLeftPart(UriPartial.Authority)} redirects to '{target.OriginalString}', which {why} and is not followed",
            worthRepeating: false);
}
