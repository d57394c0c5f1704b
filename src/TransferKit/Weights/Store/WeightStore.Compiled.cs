using TransferKit.WeightSources.Store;

namespace TransferKit;

// Compiled models are stored beside the weights.
public sealed partial class WeightStore
{
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
        foreach (var folder in Directory.EnumerateDirectories(CompiledModels).Order(StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(folder, SealedFolder.EntryName)))
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            var model = SealedFolder.TryRead(folder);
            var problem = weakness ?? (model is null ? $"its {SealedFolder.EntryName} cannot be read" : model.Problem(cancellationToken));
            yield return new CachedWeights
            {
                File = Path.GetFileName(folder),
                Path = folder,
                IsCompiledModel = true,
                Size = model?.Size ?? 0,
                Problem = problem is null ? null : $"{problem}; the next load compiles it again",
                State = problem is null ? CachedWeightsState.Verified : CachedWeightsState.Wrong,
            };
        }
    }
}
