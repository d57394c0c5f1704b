using Microsoft.Extensions.VectorData.ProviderServices;

namespace VectorStores;

/// <summary>Represents the table of a collection: rows of values, of which the first is the key, in the order of a model.</summary>
internal interface ITable
{
    bool Exists();

    void Create();

    void Delete();

    object?[]? Find(object key);

    IEnumerable<object?[]> All();

    /// <summary>Inserts rows, or replaces those with the same key, all or none.</summary>
    void Upsert(IReadOnlyList<object?[]> rows);

    void Remove(object key);
}

/// <summary>Represents the tables of a store.</summary>
internal interface ITables : IDisposable
{
    /// <summary>Gets the name of the kind of store, for telemetry.</summary>
    string Kind { get; }

    ITable Table(string name, CollectionModel model);

    IEnumerable<string> Names();

    void Delete(string name);
}
