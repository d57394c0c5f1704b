using System.Net;
using System.Net.Http.Headers;

namespace TransferKit.WeightSources.Store;

/// <summary>Makes one attempt at one address, resuming the partial file. Throws <see cref="AttemptFailedException"/> if it fails.</summary>
internal sealed class WeightFetcher(HttpClient http, WeightStoreOptions options, CatalogEntry entry, ProgressReporter reporter)
{
    private const int BufferLength = 1 << 18;

    public async Task FetchAsync(WeightAddress address, PartialFile part, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.TryTimeout);
        try
        {
            if (address.File is { } file)
                await CopyAsync(file, part, limit.Token).ConfigureAwait(false);
            else
                await DownloadAsync(address, part, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = limit.IsCancellationRequested
                ? $"not completed within {options.TryTimeout}"
                : $"the HttpClient timed out, or no byte arrived for {options.StallTimeout}";
            throw new AttemptFailedException(reason, worthRepeating: true, e);
        }
    }

    private async Task CopyAsync(string file, PartialFile part, CancellationToken cancellationToken)
    {
        try
        {
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            part.Reset();
            Begin(part, file, validator: null, source.Length);
            await ReceiveAsync(source, part, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new AttemptFailedException("the file does not exist", worthRepeating: false, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttemptFailedException(e.Message, worthRepeating: false, e);
        }
    }

    private async Task DownloadAsync(WeightAddress address, PartialFile part, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(address, part, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                if (response.Content.Headers.ContentRange?.Length == part.Length && part.Length > 0)
                    return;
                part.Reset();
                throw new AttemptFailedException("the server cannot resume where the last attempt ended", worthRepeating: true)
                {
                    Status = response.StatusCode,
                };
            }
            Place(address, response, part);
            using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await ReceiveAsync(body, part, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            // Another attempt does not make a certificate trusted.
            throw e.HttpRequestError == HttpRequestError.SecureConnectionError
                ? new AttemptFailedException($"no secure connection ({e.InnerException?.Message ?? e.Message})", worthRepeating: false, e)
                : new AttemptFailedException(Reason(e), worthRepeating: true, e);
        }
        catch (IOException e)
        {
            throw new AttemptFailedException($"the connection failed ({e.Message})", worthRepeating: true, e);
        }
    }

    // The outer message is often only "An error occurred while sending the request", so the cause is added.
    private static string Reason(HttpRequestException e) =>
        e.InnerException is { } cause && !e.Message.Contains(cause.Message, StringComparison.Ordinal)
            ? $"{e.Message.TrimEnd('.')}: {cause.Message.TrimEnd('.')}"
            : e.Message.TrimEnd('.');

    private async Task<HttpResponseMessage> SendAsync(WeightAddress address, PartialFile part, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address.Network);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        // Resuming at another address needs a known hash, to detect that the parts belong to different files.
        if (part.Length > 0 && part.Address == address.Text && part.Validator is { } validator)
        {
            request.Headers.Range = new RangeHeaderValue(part.Length, null);
            request.Headers.IfRange = EntityTagHeaderValue.TryParse(validator, out var tag)
                ? new RangeConditionHeaderValue(tag)
                : new RangeConditionHeaderValue(validator);
        }
        else if (part.Length > 0 && entry.Hash is not null)
        {
            request.Headers.Range = new RangeHeaderValue(part.Length, null);
        }
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(options.StallTimeout);
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is UriFormatException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            // The caller's client may follow a redirect to an address that it cannot connect to.
            if (request.RequestUri is { } target)
                RedirectHandler.ThrowIfRefused(address.Network!, target);
            throw new AttemptFailedException(
                $"the HttpClient cannot send the request ({e.Message.TrimEnd('.')})", worthRepeating: false, e);
        }
        catch (OperationCanceledException e) when (stall.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new AttemptFailedException($"no answer within {options.StallTimeout}", worthRepeating: true, e);
        }
        try
        {
            // The caller's client may have followed redirects itself.
            var answering = response.RequestMessage?.RequestUri ?? address.Network!;
            RedirectHandler.ThrowIfRefused(address.Network!, answering);
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                return response;
            RedirectHandler.TargetOf(answering, response);
            throw Refusal(response);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static AttemptFailedException Refusal(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var text = $"the server answered {status} {response.ReasonPhrase}".TrimEnd();
        if (status is >= 300 and < 400)
            text += ", a redirect that was not followed";
        var retryAfter = response.Headers.RetryAfter;
        return new AttemptFailedException(text, worthRepeating: status is 408 or 425 or 429 or >= 500)
        {
            Status = response.StatusCode,
            RetryAfter = retryAfter?.Delta ?? retryAfter?.Date - DateTimeOffset.UtcNow,
        };
    }

    // Decides whether the response continues the partial file or replaces it.
    private void Place(WeightAddress address, HttpResponseMessage response, PartialFile part)
    {
        var content = response.Content.Headers;
        var validator = response.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : content.LastModified?.ToString("R");
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            var total = content.ContentRange?.Length;
            if (content.ContentRange?.From != part.Length || (part.Total is not null && total is not null && part.Total != total))
            {
                part.Reset();
                throw new AttemptFailedException("the server resumed at another position than requested", worthRepeating: true);
            }
            Begin(part, address.Text, validator, total ?? part.Total);
            return;
        }
        part.Reset();
        Begin(part, address.Text, validator, content.ContentLength);
    }

    private void Begin(PartialFile part, string address, string? validator, long? total)
    {
        if (total > options.MaxDownloadBytes)
            throw TooLarge(part, $"{total:N0} bytes are announced");
        part.Begin(address, validator, total);
    }

    // The received bytes are useless at any address.
    private AttemptFailedException TooLarge(PartialFile part, string found)
    {
        part.Reset();
        return new($"{found}, and {nameof(WeightStoreOptions.MaxDownloadBytes)} allows {options.MaxDownloadBytes:N0}",
            worthRepeating: false);
    }

    private async Task ReceiveAsync(Stream source, PartialFile part, CancellationToken cancellationToken)
    {
        reporter.BeginAttempt(part.Length);
        // One buffer is filled while the other is hashed.
        var (buffer, other) = (new byte[BufferLength], new byte[BufferLength]);
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            stall.CancelAfter(options.StallTimeout);
            var wanted = part.Length == 0 ? FileSignature.Hdf5Signature.Length : 1;
            int read;
            try
            {
                read = await source.ReadAtLeastAsync(buffer, wanted, throwOnEndOfStream: false, stall.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new AttemptFailedException($"no byte arrived for {options.StallTimeout}", worthRepeating: true, e);
            }
            if (part.Length == 0 && !buffer.AsSpan(0, read).StartsWith(FileSignature.Hdf5Signature))
                throw await NotWeightsAsync(source, buffer, read, stall.Token).ConfigureAwait(false);
            if (read == 0)
                break;
            if (part.Length + read > options.MaxDownloadBytes)
                throw TooLarge(part, "too many bytes arrived");
            if (part.Length + read > part.Total)
            {
                var announced = part.Total;
                part.Reset();
                throw new AttemptFailedException($"more bytes arrived than the announced {announced:N0}", worthRepeating: true);
            }
            part.Append(buffer.AsMemory(0, read));
            (buffer, other) = (other, buffer);
            reporter.Report(WeightDownloadState.Downloading, part.Length, part.Total);
        }
        if (part.Total is { } total && part.Length != total)
            throw new AttemptFailedException($"the connection ended after {part.Length:N0} of {total:N0} bytes", worthRepeating: true);
    }

    // Describes a login page or an error page that was sent instead of the file.
    private static async Task<AttemptFailedException> NotWeightsAsync(
        Stream source, byte[] buffer, int read, CancellationToken cancellationToken)
    {
        try
        {
            var more = buffer.AsMemory(read, 256);
            read += await source.ReadAtLeastAsync(more, 64, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The bytes received so far suffice to detect the format.
        }
        var problem = FileSignature.Describe(buffer.AsSpan(0, read));
        return new AttemptFailedException($"the download is not a weight file: {problem}", worthRepeating: read == 0);
    }
}
