using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace VectorStores;

/// <summary>
/// Keeps tables in a file of SQLite: a column for each property. Vectors are blobs of floats, and values that SQLite has no type for are
/// JSON.
/// </summary>
/// <param name="connection">The connection string, such as <c>Data Source=photos.db</c>.</param>
internal sealed class SqliteTables(string connection) : ITables
{
    public string Kind => "sqlite";

    public ITable Table(string name, CollectionModel model) => new SqliteTable(this, name, model);

    public IEnumerable<string> Names() =>
        Read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", [], row => row.GetString(0));

    public void Delete(string name) => Run($"DROP TABLE IF EXISTS {Quoted(name)}");

    public void Dispose() => SqliteConnection.ClearAllPools();

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private SqliteConnection Open()
    {
        var open = new SqliteConnection(connection);
        open.Open();
        return open;
    }

    private void Run(string sql, params ReadOnlySpan<object> values)
    {
        using var open = Open();
        using var command = Command(open, sql, values);
        command.ExecuteNonQuery();
    }

    private List<T> Read<T>(string sql, object[] values, Func<SqliteDataReader, T> map)
    {
        using var open = Open();
        using var command = Command(open, sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(map(reader));
        return rows;
    }

    private static SqliteCommand Command(SqliteConnection open, string sql, ReadOnlySpan<object> values)
    {
        var command = open.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue($"@{i}", values[i]);
        return command;
    }

    private sealed class SqliteTable(SqliteTables tables, string name, CollectionModel model) : ITable
    {
        private readonly PropertyModel[] _columns = [model.KeyProperty, .. model.DataProperties, .. model.VectorProperties];

        private string Columns => string.Join(", ", _columns.Select(c => Quoted(c.StorageName)));

        private string Where => $"WHERE {Quoted(model.KeyProperty.StorageName)} = @0";

        public bool Exists() => tables.Names().Contains(name);

        public void Create() => tables.Run(
            $"CREATE TABLE IF NOT EXISTS {Quoted(name)} ({Quoted(model.KeyProperty.StorageName)} PRIMARY KEY NOT NULL"
            + $"{string.Concat(_columns.Skip(1).Select(c => $", {Quoted(c.StorageName)}"))})");

        public void Delete() => tables.Delete(name);

        public object?[]? Find(object key) =>
            tables.Read($"SELECT {Columns} FROM {Quoted(name)} {Where}", [ToSqlite(key)], Row).SingleOrDefault();

        public IEnumerable<object?[]> All() => tables.Read($"SELECT {Columns} FROM {Quoted(name)}", [], Row);

        public void Upsert(IReadOnlyList<object?[]> rows)
        {
            using var open = tables.Open();
            using var all = open.BeginTransaction();
            var places = string.Join(", ", _columns.Index().Select(c => $"@{c.Index}"));
            foreach (var row in rows)
            {
                using var command = Command(
                    open, $"INSERT OR REPLACE INTO {Quoted(name)} ({Columns}) VALUES ({places})", [.. row.Select(ToSqlite)]);
                command.Transaction = all;
                command.ExecuteNonQuery();
            }
            all.Commit();
        }

        public void Remove(object key) => tables.Run($"DELETE FROM {Quoted(name)} {Where}", ToSqlite(key));

        private object?[] Row(SqliteDataReader reader) => [.. _columns.Select((c, i) => FromSqlite(reader.GetValue(i), c.Type))];

        private static object ToSqlite(object? value) => value switch
        {
            null => DBNull.Value,
            string or long or int or short or byte or bool or double or float => value,
            ReadOnlyMemory<float> vector => MemoryMarshal.AsBytes(vector.Span).ToArray(),
            _ => JsonSerializer.Serialize(value, value.GetType()),
        };

        private static object? FromSqlite(object value, Type type)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            return value switch
            {
                DBNull => null,
                byte[] bytes => new ReadOnlyMemory<float>(MemoryMarshal.Cast<byte, float>(bytes).ToArray()),
                long number when type == typeof(bool) => number != 0,
                long or double => Convert.ChangeType(value, type, System.Globalization.CultureInfo.InvariantCulture),
                string text when type == typeof(string) => text,
                string json => JsonSerializer.Deserialize(json, type),
                _ => value,
            };
        }
    }
}
