using System.Diagnostics;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using DuckDB.NET.Data;

namespace TransferKit.FeatureSets.Tests;

/// <summary>Reads what was written with the programs of others.</summary>
public sealed class OtherReadersTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly Pictures _pictures = new(40, broken: 1);

    [Fact]
    public async Task DuckDB_reads_all_shards_as_one_table()
    {
        await _pictures.ExtractAsync("set", new() { Shards = 3 });

        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            select count(*), count(features), sum(features[1]), min(len(features)), min(width), count(distinct sha256), min(reason),
                year(max(modified))
            from '{_pictures.Out("set")}/*.parquet'
            """;
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());

        Assert.Equal((41L, 40L), (reader.GetInt64(0), reader.GetInt64(1)));
        Assert.Equal(Enumerable.Range(0, 40).Sum(), reader.GetDouble(2));
        Assert.Equal((3L, 8), (reader.GetInt64(3), reader.GetInt32(4)));
        Assert.Equal(40L, reader.GetInt64(5));
        Assert.Equal("not-an-image", reader.GetString(6));
        Assert.InRange(reader.GetInt64(7), DateTime.UtcNow.Year - 1, DateTime.UtcNow.Year);
    }

    [Fact]
    public async Task DuckDB_reads_csv_and_json_lines()
    {
        await _pictures.ExtractAsync("set");
        using var set = FeatureSet.Open(_pictures.Out("set"));
        await set.SaveAsync(_pictures.Out("a.csv"), TestContext.Current.CancellationToken);
        await set.SaveAsync(_pictures.Out("a.jsonl"), TestContext.Current.CancellationToken);

        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            select (select sum(f0)::double from '{_pictures.Out("a.csv")}'),
                (select sum(features[1])::double from '{_pictures.Out("a.jsonl")}')
            """;
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());

        Assert.Equal((780.0, 780.0), (reader.GetDouble(0), reader.GetDouble(1)));
    }

    [Fact]
    public async Task Arrow_reads_the_arrow_file()
    {
        await _pictures.ExtractAsync("set");
        using (var set = FeatureSet.Open(_pictures.Out("set")))
            await set.SaveAsync(_pictures.Out("a.arrow"), TestContext.Current.CancellationToken);

        using var file = File.OpenRead(_pictures.Out("a.arrow"));
        using var reader = new ArrowFileReader(file);
        using var batch = reader.ReadNextRecordBatch();

        Assert.Equal(41, batch.Length);
        var (paths, features) = ((StringArray)batch.Column("path"), (FixedSizeListArray)batch.Column("features"));
        Assert.Equal("0/0003.ppm", paths.GetString(1));
        Assert.Equal([3f, 3f, 3f], ((FloatArray)features.GetSlicedValues(1)).Values.ToArray());
        Assert.Equal(1, features.NullCount);
        Assert.True(features.IsNull(40));
    }

    [Fact]
    public async Task Numpy_reads_npz_and_npy()
    {
        Assert.SkipUnless(File.Exists(Python), $"This system has no {Python}.");
        await _pictures.ExtractAsync("set");
        using (var set = FeatureSet.Open(_pictures.Out("set")))
        {
            await set.SaveAsync(_pictures.Out("a.npz"), TestContext.Current.CancellationToken);
            await set.SaveAsync(_pictures.Out("a.npy"), TestContext.Current.CancellationToken);
        }

        const string script = """
            import numpy as np, sys
            a, b = np.load(sys.argv[1]), np.load(sys.argv[2])
            assert (a["features"] == b).all()
            print(b.shape, b.dtype, a["names"][1], b[1].tolist())
            """;
        using var process = Process.Start(new ProcessStartInfo(Python, ["-B", "-c", script, _pictures.Out("a.npz"), _pictures.Out("a.npy")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.SkipWhen((await error).Contains("No module named", StringComparison.Ordinal), "Python has no numpy here.");
        Assert.Equal("(40, 3) float32 0/0003.ppm [3.0, 3.0, 3.0]\n", output);
    }

    public void Dispose() => _pictures.Dispose();
}
