using System.Collections.Concurrent;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace VectorStores;

/// <summary>Keeps tables in memory.</summary>
internal sealed class MemoryTables : ITables
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<object, object?[]>> _tables = new(StringComparer.Ordinal);

    public string Kind => "memory";

    public ITable Table(string name, CollectionModel model) => new MemoryTable(this, name);

    public IEnumerable<string> Names() => _tables.Keys;

    public void Delete(string name) => _tables.TryRemove(name, out _);

    public void Dispose()
    {
    }

    private sealed class MemoryTable(MemoryTables tables, string name) : ITable
    {
        private ConcurrentDictionary<object, object?[]> Rows => tables._tables.TryGetValue(name, out var rows)
            ? rows
            : throw new InvalidOperationException($"There is no collection '{name}'. Call EnsureCollectionExistsAsync first.");

        public bool Exists() => tables._tables.ContainsKey(name);

        public void Create() => tables._tables.TryAdd(name, new());

        public void Delete() => tables.Delete(name);

        public object?[]? Find(object key) => Rows.GetValueOrDefault(key);

        public IEnumerable<object?[]> All() => Rows.Values;

        public void Upsert(IReadOnlyList<object?[]> rows)
        {
            var all = Rows;
            foreach (var row in rows)
                all[row[0]!] = row;
        }

        public void Remove(object key) => Rows.TryRemove(key, out _);
    }
}
