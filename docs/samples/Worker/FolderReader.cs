namespace TransferKit.Samples.Worker;

/// <summary>Reads a folder of pictures again and again. A picture that did not change is not read twice.</summary>
internal sealed class FolderReader(
    IBackbone backbone, IConfiguration configuration, IHostApplicationLifetime lifetime, ILogger<FolderReader> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var extractor = new FeatureExtractor(backbone, new() { Recursive = true });
        try
        {
            do
            {
                var report = await extractor.ExtractSetAsync(
                    Setting("Pictures"), Setting("Features"), cancellationToken: stoppingToken);
                foreach (var skipped in report.Skipped)
                    log.LogWarning("{Path} is skipped: {Reason}", skipped.Path, skipped.Error!.Message);
                log.LogInformation("{Rows} rows, {Failures} failures, {Computed} read", report.Rows, report.Failures, report.Computed);
            }
            while (await NextAsync(stoppingToken));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogCritical(e, "The folder could not be read");
            Environment.ExitCode = 1;
        }
        lifetime.StopApplication();
    }

    private async Task<bool> NextAsync(CancellationToken stoppingToken)
    {
        if (configuration["Interval"] is not { Length: > 0 })
            return false;
        await Task.Delay(configuration.GetValue<TimeSpan>("Interval"), stoppingToken);
        return true;
    }

    private string Setting(string key) => configuration[key] is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"The setting {key} is missing: name a folder, as in --{key} FOLDER.");
}
