using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace VectorStores;

/// <summary>Represents a vector store whose collections are tables, in memory or in SQLite.</summary>
public sealed class TableStore : VectorStore
{
    private readonly ITables _tables;
    private readonly IEmbeddingGenerator? _generator;

    private TableStore(ITables tables, IEmbeddingGenerator? generator) => (_tables, _generator) = (tables, generator);

    /// <summary>Creates a store in memory.</summary>
    /// <param name="generator">The generator of vectors from what records hold instead, such as pictures; optional.</param>
    public static TableStore InMemory(IEmbeddingGenerator? generator = null) => new(new MemoryTables(), generator);

    /// <summary>Opens a store in a file of SQLite, which is created if it does not exist.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="generator">The generator of vectors from what records hold instead, such as pictures; optional.</param>
    public static TableStore InSqlite(string path, IEmbeddingGenerator? generator = null) =>
        new(new SqliteTables(new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder { DataSource = path }.ToString()), generator);

    /// <inheritdoc/>
    public override VectorStoreCollection<TKey, TRecord> GetCollection<TKey, TRecord>(
        string name, VectorStoreCollectionDefinition? definition = null) => typeof(TRecord) == typeof(Dictionary<string, object?>)
        ? throw new ArgumentException(VectorDataStrings.GetCollectionWithDictionaryNotSupported)
        : new TableCollection<TKey, TRecord>(name, new RecordModel().Build(typeof(TRecord), typeof(TKey), definition, _generator), _tables);

    /// <inheritdoc/>
    public override VectorStoreCollection<object, Dictionary<string, object?>> GetDynamicCollection(
        string name, VectorStoreCollectionDefinition definition) =>
        new TableCollection<object, Dictionary<string, object?>>(name, new RecordModel().BuildDynamic(definition, _generator), _tables);

    /// <inheritdoc/>
    public override IAsyncEnumerable<string> ListCollectionNamesAsync(CancellationToken cancellationToken = default) =>
        _tables.Names().ToAsyncEnumerable();

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run(() => _tables.Names().Contains(name), cancellationToken);

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(string name, CancellationToken cancellationToken = default) =>
        Task.Run(() => _tables.Delete(name), cancellationToken);

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(VectorStoreMetadata) ? new VectorStoreMetadata { VectorStoreSystemName = _tables.Kind }
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _tables.Dispose();
        base.Dispose(disposing);
    }
}
