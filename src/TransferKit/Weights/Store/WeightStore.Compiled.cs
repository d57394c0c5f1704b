using TransferKit.WeightSources.Store;

namespace TransferKit;

// Compiled models are stored beside the weights.
public sealed partial class WeightStore
{
    /// <summary>The extension of cached int8 calibrations.</summary>
    internal const string CalibrationExtension = ".int8.json";

    /// <summary>
    /// Gets the folder of compiled models and calibrations, and creates it if it is missing. Returns null and logs a warning if other users
    /// may have written to it.
    /// </summary>
    internal string? OpenCompiledModels()
    {
        var folder = CompiledModels;
        try
        {
            PrivateFolder.Create(folder);
            if (PrivateFolder.Weakness(folder) is not { } weakness)
                return folder;
            _log.CompiledModelsNotUsed(folder, weakness);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The compiler meets the same error and then uses the temporary folder.
            return folder;
        }
    }

    private string CompiledModels => Path.Combine(CacheDirectory, "transferkit");

    // Folders without a list are skipped: they are incomplete, or belong to another program.
    private IEnumerable<CachedWeights> VerifyCompiledModels(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(CompiledModels))
            yield break;
        var weakness = PrivateFolder.Weakness(CompiledModels);
        foreach (var calibration in Directory.EnumerateFiles(CompiledModels, $"*{CalibrationExtension}").Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var isWhole = SealedJson.Read(calibration, content => calibration) is not null;
            yield return Compiled(
                calibration, new FileInfo(calibration).Length,
                weakness ?? (isWhole ? null : "it cannot be read, or has other bytes than were written"), "calibrates");
        }
        foreach (var folder in Directory.EnumerateDirectories(CompiledModels).Order(StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(folder, SealedFolder.EntryName)))
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            var model = SealedFolder.TryRead(folder);
            var problem = weakness ?? (model is null ? $"its {SealedFolder.EntryName} cannot be read" : model.Problem(cancellationToken));
            yield return Compiled(folder, model?.Size ?? 0, problem, "compiles it");
        }
    }

    private static CachedWeights Compiled(string path, long size, string? problem, string remedy) => new()
    {
        File = Path.GetFileName(path),
        Path = path,
        IsCompiledModel = true,
        Size = size,
        Problem = problem is null ? null : $"{problem}; the next load {remedy} again",
        State = problem is null ? CachedWeightsState.Verified : CachedWeightsState.Wrong,
    };
}
