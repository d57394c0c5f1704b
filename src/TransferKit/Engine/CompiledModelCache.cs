using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit.Engine;

/// <summary>
/// Caches compiled models on disk, one folder <c>NAME-KEY</c> for each. Threads and processes share it without locks: each writes
/// a folder under a temporary name and renames it when it is complete. If two compile the same model, the first to rename wins.
/// </summary>
/// <param name="root">The folder of the cache; null to cache nothing.</param>
/// <param name="log">The log for damaged models; null for none.</param>
internal sealed class CompiledModelCache(string? root, ILogger? log = null)
{
    private const string Unfinished = ".unfinished-";
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(90);
    private readonly ILogger _log = log ?? NullLogger.Instance;

    /// <summary>Opens the cached form of a model if it is undamaged, and otherwise compiles the model.</summary>
    /// <param name="request">The model.</param>
    /// <param name="weights">The weights, which are read only when the model is compiled.</param>
    /// <param name="optimise">Whether to optimise it for this machine. Without a cache, this happens only for our own operators.</param>
    /// <param name="cancellation">The token that stops the compilation between pieces of weights.</param>
    /// <exception cref="OutputFileException">Neither the cache nor the temporary folder can be written.</exception>
    public CompiledModel Open(ModelRequest request, IWeightSource weights, bool optimise, CancellationToken cancellation = default)
    {
        if (root is null)
        {
            var uncached = request.Make();
            return WriteTemporary(uncached, weights, optimise && uncached.HasCustomOperators, cancellation);
        }

        var key = CompiledModel.KeyOf(request, weights, optimise);
        var folder = Path.Combine(root, NameOf(request.Signature.Name, key));
        // The engine parses the graph, so its bytes are verified first. Weights are numbers: they are verified while it opens them.
        // A session that the user configured is opened only once, so there everything is verified before.
        bool IsFirst(SealedFile file) => !optimise || file.Name.EndsWith(".onnx", StringComparison.Ordinal);
        if (ModelEntry.TryLoadIntact(folder, key, IsFirst, out var problem, cancellation) is { } entry)
        {
            ModelEntry.MarkUsed(folder);
            return new CompiledModel(folder, entry, optimise, entry.HasHugeKernel)
            {
                IsFromCache = true,
                HasCustomOperators = entry.HasCustomOperators,
                Verification = Task.Run(
                    () => new SealedFolder(folder, entry.Files).Problem(file => !IsFirst(file), cancellation), cancellation),
            };
        }
        if (problem is not null)
            _log.CompiledModelRebuilt(folder, problem);

        var model = request.Make();
        var unfinished = $"{folder}{Unfinished}{Guid.NewGuid():N}";
        try
        {
            PrivateFolder.Create(root);
            PrivateFolder.Create(unfinished);
            var hasCustomOperators = Fill(unfinished, model, weights, optimise, cancellation);
            entry = ModelEntry.Seal(unfinished, key, model, hasCustomOperators, cancellation);
        }
        catch (Exception e)
        {
            Folders.TryDelete(unfinished);
            // The model can still run from a temporary folder, so a full or read-only cache is no error. The same holds for an
            // optimised model that ONNX Runtime could not save.
            if (!IsOfTheDisk(e) && e is not OnnxRuntimeException)
                throw;
            return WriteTemporary(model, weights, optimise: false, cancellation);
        }
        var (published, seal) = Publish(unfinished, folder, entry, cancellation);
        return new CompiledModel(published, seal, optimise, model.HasHugeKernel) { HasCustomOperators = entry.HasCustomOperators };
    }

    /// <summary>Deletes a cached model with damaged weights and logs the problem.</summary>
    public void Reject(CompiledModel compiled, string problem)
    {
        _log.CompiledModelRebuilt(compiled.Folder, problem);
        Discard(compiled);
    }

    /// <summary>Deletes a cached model that cannot be loaded, so that the next start compiles it again.</summary>
    public static void Discard(CompiledModel compiled)
    {
        if (compiled.IsCached)
            Discard(compiled.Folder);
    }

    /// <summary>
    /// Renames a complete folder to its final name. Returns the cached folder and its seal, or the unrenamed folder without a seal.
    /// </summary>
    private (string Folder, ModelEntry? Seal) Publish(
        string unfinished, string folder, ModelEntry entry, CancellationToken cancellation)
    {
        Sweep();
        if (Folders.TryMove(unfinished, folder))
            return (folder, entry);

        if (ModelEntry.TryLoadIntact(folder, entry.Key, isRead: _ => true, out _, cancellation) is { } other)
        {
            Folders.TryDelete(unfinished);
            return (folder, other);
        }

        // The folder under the final name is damaged. Processes that have mapped its files can still read them after the move.
        Discard(folder);
        return Folders.TryMove(unfinished, folder) ? (folder, entry) : (unfinished, null);
    }

    /// <summary>Writes a model's files into an empty folder. Returns whether the model got operators of this library.</summary>
    private static bool Fill(string folder, OnnxModel model, IWeightSource weights, bool optimise, CancellationToken cancellation)
    {
        CompiledModel.Write(folder, model, weights, cancellation);
        return optimise && OptimisedModel.Replace(folder, model);
    }

    private CompiledModel WriteTemporary(OnnxModel model, IWeightSource weights, bool optimise, CancellationToken cancellation)
    {
        var parent = Path.GetTempPath();
        try
        {
            var compiled = new CompiledModel(new TemporaryFolder(), optimise, model.HasHugeKernel);
            try
            {
                compiled.HasCustomOperators = Fill(compiled.Folder, model, weights, optimise, cancellation);
                return compiled;
            }
            catch
            {
                compiled.Dispose();
                throw;
            }
        }
        catch (Exception e) when (optimise && (IsOfTheDisk(e) || e is OnnxRuntimeException))
        {
            // Optimising needs more disk space while it runs, so the plain form may still fit.
            return WriteTemporary(model, weights, optimise: false, cancellation);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            const string Option = nameof(BackboneOptions.CacheCompiledModel);
            var cure = root is null
                ? $"Set {Option} to write it to the cache folder instead."
                : $"The cache of {Option}, '{root}', cannot be written either: free {Size(model)} MB in one of the two.";
            throw new OutputFileException(parent, $"it must hold the compiled form of '{model.Name}'. {e.Message} {cure}", e);
        }
    }

    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException;

    private static long Size(OnnxModel model) => model.Weights.Sum(w => w.Bytes) / 1_000_000 + 1;

    // The folder is renamed before it is deleted, so that no process finds half of it. Windows does not rename a folder in use,
    // which then stays complete.
    private static void Discard(string folder)
    {
        var discarded = $"{folder}{Unfinished}{Guid.NewGuid():N}";
        if (Folders.TryMove(folder, discarded))
            Folders.TryDelete(discarded);
    }

    // Deletes three kinds of folders: those of killed writers, models of other versions of this library, and models that no
    // process has used for long. Another version's models get a day, because programs of two versions may share a cache.
    private void Sweep()
    {
        foreach (var folder in new DirectoryInfo(root!).EnumerateDirectories())
        {
            if (folder.Name.Contains(Unfinished, StringComparison.Ordinal))
            {
                if (DateTime.UtcNow - folder.LastWriteTimeUtc > Abandoned)
                    Folders.TryDelete(folder.FullName);
            }
            else if (ModelEntry.TryLoad(folder.FullName) is { } entry && folder.Name.StartsWith($"{entry.Name}-", StringComparison.Ordinal)
                && ModelEntry.Unused(folder.FullName) > (entry.IsOfThisVersion ? Forgotten : Abandoned))
            {
                Discard(folder.FullName);
            }
        }
    }

    // A hash is enough for the folder's name, because the entry holds the whole key.
    private static string NameOf(string model, string key) => $"{model}-{CounterRandom.NameHash(key):x16}";
}
