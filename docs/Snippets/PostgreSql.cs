using Npgsql;
using Pgvector;

namespace TransferKit.Snippets;

internal static class PostgreSql
{
    public static async Task OfPgvector(float[] features)
    {
        // CREATE TABLE photos (path text PRIMARY KEY, features vector(2048))
        var builder = new NpgsqlDataSourceBuilder("Host=localhost;Database=photos");
        builder.UseVector();
        await using NpgsqlDataSource source = builder.Build();
        await using NpgsqlCommand command = source.CreateCommand("SELECT path FROM photos ORDER BY features <=> $1 LIMIT 3");
        command.Parameters.AddWithValue(new Vector(features));
        await using NpgsqlDataReader alike = await command.ExecuteReaderAsync();
    }
}
