using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace VectorStores;

/// <summary>Represents a collection of records in a table. A search compares with every row.</summary>
internal sealed class TableCollection<TKey, TRecord>(string name, CollectionModel model, ITables tables)
    : VectorStoreCollection<TKey, TRecord>
    where TKey : notnull
    where TRecord : class
{
    private readonly ITable _table = tables.Table(name, model);

    public override string Name => name;

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) =>
        Task.Run(_table.Exists, cancellationToken);

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) =>
        Task.Run(_table.Create, cancellationToken);

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) =>
        Task.Run(_table.Delete, cancellationToken);

    public override async Task<TRecord?> GetAsync(
        TKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var withVectors = WithVectors(options?.IncludeVectors);
        return await Task.Run(() => _table.Find(key), cancellationToken) is { } row ? Record(row, withVectors) : null;
    }

    public override async IAsyncEnumerable<TRecord> GetAsync(
        Expression<Func<TRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<TRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        var withVectors = WithVectors(options.IncludeVectors);
        var records = await Task.Run(() => Matching(filter, withVectors).Select(m => m.Record).ToList(), cancellationToken);
        foreach (var record in Sorted(records, options).Skip(options.Skip).Take(top))
            yield return record;
    }

    public override Task DeleteAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Task.Run(() => _table.Remove(key), cancellationToken);
    }

    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return UpsertAsync([record], cancellationToken);
    }

    public override async Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        TRecord[] all = [.. records];
        var vectors = new List<IReadOnlyList<object?>>();
        foreach (var property in model.VectorProperties)
        {
            object?[] values = [.. all.Select(r => property.GetValueAsObject(r))];
            vectors.Add(property.EmbeddingGenerationDispatcher is null || values.All(v => v is null || Vector(v) is not null)
                ? [.. values.Select(v => (object?)Vector(v))]
                : [.. (await property.GenerateEmbeddingsAsync(values, cancellationToken)).Select(e => (object?)Vector(e))]);
        }
        object?[][] rows = [.. all.Select((record, i) => (object?[])
        [
            Key(record), .. model.DataProperties.Select(p => p.GetValueAsObject(record)), .. vectors.Select(v => v[i]),
        ])];
        await Task.Run(() => _table.Upsert(rows), cancellationToken);
    }

    public override async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<TRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        var withVectors = WithVectors(options.IncludeVectors);
        var property = model.GetVectorPropertyOrSingle(options);
        var query = Vector(searchValue)
            ?? (property.EmbeddingGenerator is null
                ? throw new NotSupportedException(VectorDataStrings.InvalidSearchInputAndNoEmbeddingGeneratorWasConfigured(
                    searchValue.GetType(), "ReadOnlyMemory<float>, Embedding<float>, float[]"))
                : Vector(await property.GenerateEmbeddingAsync(searchValue, cancellationToken))!.Value);

        var (function, at) = (property.DistanceFunction, 1 + model.DataProperties.Count + Index(property));
        var isLargerBetter = Similarity.IsLargerBetter(function);
        var found = await Task.Run(
            () => Matching(options.Filter, withVectors)
                .Where(m => m.Row[at] is not null)
                .Select(m => (m.Record, Score: Similarity.Of(function, query.Span, ((ReadOnlyMemory<float>)m.Row[at]!).Span)))
                .Where(m => options.ScoreThreshold is not { } least || (isLargerBetter ? m.Score >= least : m.Score <= least))
                .OrderBy(m => isLargerBetter ? -m.Score : m.Score)
                .Skip(options.Skip)
                .Take(top)
                .ToList(),
            cancellationToken);
        foreach (var (record, score) in found)
            yield return new(record, score);
    }

    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(VectorStoreCollectionMetadata)
                ? new VectorStoreCollectionMetadata { VectorStoreSystemName = tables.Kind, CollectionName = name }
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    private static ReadOnlyMemory<float>? Vector(object? value) => value switch
    {
        ReadOnlyMemory<float> vector => vector,
        Embedding<float> embedding => embedding.Vector,
        float[] array => array,
        // A bare null would become an empty vector, by the conversion from an array.
        _ => (ReadOnlyMemory<float>?)null,
    };

    private IEnumerable<(TRecord Record, object?[] Row)> Matching(Expression<Func<TRecord, bool>>? filter, bool withVectors)
    {
        var matches = filter is null ? null : RecordFilter.Compile(filter, model);
        return _table.All().Select(row => (Record: Record(row, withVectors), Row: row)).Where(m => matches?.Invoke(m.Record) != false);
    }

    private IEnumerable<TRecord> Sorted(IEnumerable<TRecord> records, FilteredRecordRetrievalOptions<TRecord> options)
    {
        IOrderedEnumerable<TRecord>? sorted = null;
        foreach (var by in options.OrderBy?.Invoke(new()).Values ?? [])
        {
            var property = model.GetDataOrKeyProperty(by.PropertySelector);
            object? Value(TRecord record) => property.GetValueAsObject(record);
            sorted = (sorted, by.Ascending) switch
            {
                (null, true) => records.OrderBy(Value),
                (null, false) => records.OrderByDescending(Value),
                (_, true) => sorted.ThenBy(Value),
                (_, false) => sorted.ThenByDescending(Value),
            };
        }
        return sorted ?? records;
    }

    private object Key(TRecord record)
    {
        var property = model.KeyProperty;
        if (property.IsAutoGenerated && (property.GetValueAsObject(record) is not Guid key || key == Guid.Empty))
            property.SetValueAsObject(record, Guid.NewGuid());
        return property.GetValueAsObject(record) ?? throw new InvalidOperationException("A record has no key.");
    }

    private TRecord Record(object?[] row, bool withVectors)
    {
        var record = model.CreateRecord<TRecord>() ?? throw new InvalidOperationException("The record has no constructor.");
        PropertyModel[] properties = [model.KeyProperty, .. model.DataProperties];
        foreach (var (i, property) in properties.Index())
            property.SetValueAsObject(record, row[i]);
        for (var i = 0; withVectors && i < model.VectorProperties.Count; i++)
        {
            var (property, vector) = (model.VectorProperties[i], (ReadOnlyMemory<float>?)row[properties.Length + i]);
            property.SetValueAsObject(record, vector is { } known ? OfType(property.Type, known) : null);
        }
        return record;
    }

    // Without the cast to object, C# would turn the array into a ReadOnlyMemory again.
    private static object OfType(Type type, ReadOnlyMemory<float> vector) => type == typeof(Embedding<float>) ? new Embedding<float>(vector)
        : type == typeof(float[]) ? (object)vector.ToArray()
        : vector;

    private bool WithVectors(bool? wanted) => wanted == true && model.EmbeddingGenerationRequired
        ? throw new NotSupportedException(VectorDataStrings.IncludeVectorsNotSupportedWithEmbeddingGeneration)
        : wanted == true;

    private int Index(VectorPropertyModel property) => model.VectorProperties.ToList().IndexOf(property);
}
