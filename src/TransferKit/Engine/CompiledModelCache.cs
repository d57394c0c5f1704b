using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit.Engine;

/// <summary>
/// Keeps compiled models between runs, a folder each, <c>NAME-KEY</c>. Safe among threads and processes without locks: a
/// folder is written under another name, and gets its own when it is whole; who comes second uses the first one's.
/// </summary>
/// <param name="root">Where the folders are; null to keep nothing.</param>
/// <param name="log">Where damaged models are reported; null for nowhere.</param>
internal sealed class CompiledModelCache(string? root, ILogger? log = null)
{
    private const string Unfinished = ".unfinished-";
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(90);
    private readonly ILogger _log = log ?? NullLogger.Instance;

    /// <summary>The compiled form of a model: a kept one that is intact, or one that is written now.</summary>
    /// <param name="request">The model.</param>
    /// <param name="weights">Its weights, read where it is written.</param>
    /// <param name="optimise">Whether to optimise it for this machine; where it is not kept, only if it gets operators of ours by that.</param>
    /// <param name="cancellation">Stops between pieces of weights.</param>
    /// <exception cref="OutputFileException">Neither the cache nor the temporary folder takes it.</exception>
    public CompiledModel Open(ModelRequest request, IWeightSource weights, bool optimise, CancellationToken cancellation = default)
    {
        if (root is null)
        {
            var unkept = request.Make();
            return WriteTemporary(unkept, weights, optimise && unkept.HasOwnOperators, cancellation);
        }

        var key = CompiledModel.KeyOf(request, weights, optimise);
        var folder = Path.Combine(root, NameOf(request.Signature.Name, key));
        if (ModelEntry.TryLoadIntact(folder, key, out var problem, cancellation) is { } entry)
        {
            ModelEntry.MarkUsed(folder);
            return new CompiledModel(folder, entry, optimise, entry.HasHugeKernel);
        }
        if (problem is not null)
            _log.CompiledModelRebuilt(folder, problem);

        var model = request.Make();
        var unfinished = $"{folder}{Unfinished}{Guid.NewGuid():N}";
        try
        {
            PrivateFolder.Create(root);
            PrivateFolder.Create(unfinished);
            Fill(unfinished, model, weights, optimise, cancellation);
            entry = ModelEntry.Seal(unfinished, key, model, cancellation);
        }
        catch (Exception e)
        {
            Folders.TryDelete(unfinished);
            // A cache that is full or may not be written costs the next start a compilation; this one it shall not stop. Nor
            // shall an optimised model that ONNX Runtime could not save.
            if (!IsOfTheDisk(e) && e is not OnnxRuntimeException)
                throw;
            return WriteTemporary(model, weights, optimise: false, cancellation);
        }
        var (published, seal) = Publish(unfinished, folder, entry, cancellation);
        return new CompiledModel(published, seal, optimise, model.HasHugeKernel);
    }

    /// <summary>Deletes a kept model that turned out to be of no use, so that the next to ask compiles it anew.</summary>
    public static void Discard(CompiledModel compiled)
    {
        if (compiled.IsKept)
            Discard(compiled.Folder);
    }

    /// <summary>Gives a finished folder its name; returns the folder that has it and its seal, or the unfinished one without a seal.</summary>
    private (string Folder, ModelEntry? Seal) Publish(string unfinished, string folder, ModelEntry entry, CancellationToken cancellation)
    {
        Sweep();
        if (Folders.TryMove(unfinished, folder))
            return (folder, entry);

        if (ModelEntry.TryLoadIntact(folder, entry.Key, out _, cancellation) is { } other)
        {
            Folders.TryDelete(unfinished);
            return (folder, other);
        }

        // The one in the way is damaged. Who has it mapped keeps it: a moved folder stays readable.
        Discard(folder);
        return Folders.TryMove(unfinished, folder) ? (folder, entry) : (unfinished, null);
    }

    private static void Fill(string folder, OnnxModel model, IWeightSource weights, bool optimise, CancellationToken cancellation)
    {
        CompiledModel.Write(folder, model, weights, cancellation);
        if (optimise)
            OptimisedModel.Replace(folder, model);
    }

    private CompiledModel WriteTemporary(OnnxModel model, IWeightSource weights, bool optimise, CancellationToken cancellation)
    {
        var parent = Path.GetTempPath();
        try
        {
            var compiled = new CompiledModel(Directory.CreateTempSubdirectory("transferkit-").FullName, entry: null, optimise, model.HasHugeKernel);
            try
            {
                Fill(compiled.Folder, model, weights, optimise, cancellation);
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
            // An optimised one takes more room while it is made.
            return WriteTemporary(model, weights, optimise: false, cancellation);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            var why = root is null
                ? $"{e.Message} With {nameof(BackboneOptions.CacheCompiledModel)} it goes to the cache folder instead."
                : $"{e.Message} Nor does the cache of {nameof(BackboneOptions.CacheCompiledModel)}, '{root}', take it: one of the two needs {Size(model)} MB free.";
            throw new OutputFileException(parent, $"the compiled form of '{model.Name}' goes there. {why}", e);
        }
    }

    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException;

    private static long Size(OnnxModel model) => model.Weights.Sum(w => w.Bytes) / 1_000_000 + 1;

    // Moved first, so that nobody meets half of it; on Windows one that is in use does not move, and stays whole.
    private static void Discard(string folder)
    {
        var discarded = $"{folder}{Unfinished}{Guid.NewGuid():N}";
        if (Folders.TryMove(folder, discarded))
            Folders.TryDelete(discarded);
    }

    // What a process that was killed while writing has left, what another version of this library wrote and none has used
    // today (two programs of different versions may share a cache), and what nobody has used for long.
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

    // The entry holds all of the key.
    private static string NameOf(string model, string key) => $"{model}-{CounterRandom.NameHash(key):x16}";
}
