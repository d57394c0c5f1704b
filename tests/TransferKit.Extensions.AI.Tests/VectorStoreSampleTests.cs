using System.Diagnostics;
using Microsoft.Extensions.VectorData;
using TransferKit.Tests;
using VectorStores;

namespace TransferKit.Extensions.AI.Tests;

public sealed class VectorStoreSampleTests : IDisposable
{
    private static readonly string Pictures = Path.Combine(FileApp.Samples, "pictures");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("transferkit-store-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Features_are_found_again_by_their_likeness_and_by_filters(bool isSqlite)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using VectorStore store = isSqlite ? TableStore.InSqlite(Path.Combine(_folder.FullName, "photos.db")) : TableStore.InMemory();
        var photos = store.GetCollection<string, Photo>("photos");
        await photos.EnsureCollectionExistsAsync(cancellation);
        var all = Directory.GetFiles(Pictures)
            .Select((path, i) => new Photo { Path = path, Number = i, Features = MobileNet.Shared.Predict(path).Row(0) })
            .ToArray();
        await photos.UpsertAsync(all, cancellation);

        var alike = await photos.SearchAsync(all[1].Features, top: 2, cancellationToken: cancellation).ToListAsync(cancellation);
        var filtered = await photos
            .SearchAsync(all[1].Features, top: 2, new() { Filter = p => p.Number > 1, IncludeVectors = true }, cancellation)
            .ToListAsync(cancellation);

        Assert.Equal(all[1].Path, alike[0].Record.Path);
        Assert.InRange(alike[0].Score!.Value, 0.9999, 1.0001);
        Assert.InRange(alike[1].Score!.Value, -1, 0.99);
        Assert.All(filtered, f => Assert.Equal(all[f.Record.Number].Features.ToArray(), f.Record.Features.ToArray()));
        Assert.Equal([2, 3], filtered.Select(f => f.Record.Number).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Records_without_a_class_are_filtered_by_values_and_have_vectors_of_their_own_type(bool isSqlite)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using VectorStore store = isSqlite ? TableStore.InSqlite(Path.Combine(_folder.FullName, "photos.db")) : TableStore.InMemory();
        var photos = store.GetDynamicCollection("photos", new()
        {
            Properties =
            [
                new VectorStoreKeyProperty("Path", typeof(string)), new VectorStoreDataProperty("Class", typeof(string)),
                new VectorStoreVectorProperty("Features", typeof(float[]), 2),
            ],
        });
        await photos.EnsureCollectionExistsAsync(cancellation);
        await photos.UpsertAsync([Photo("a", "cat"), Photo("b", "dog")], cancellation);

        var dogs = await photos.GetAsync(p => p["Class"] == (object)"dog", 9, new() { IncludeVectors = true }, cancellation)
            .ToListAsync(cancellation);
        var others = await photos.GetAsync(p => p["Class"] != (object)"dog", 9, cancellationToken: cancellation).ToListAsync(cancellation);

        Assert.Equal(("b", "a"), (Assert.Single(dogs)["Path"], Assert.Single(others)["Path"]));
        Assert.Equal([1, 2], Assert.IsType<float[]>(dogs[0]["Features"]));
        var unknown = photos.GetAsync(p => p["Clas"] == (object)"dog", 9, cancellationToken: cancellation);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await unknown.ToListAsync(cancellation));
        Assert.Equal("The records have no property 'Clas'.", error.Message);

        static Dictionary<string, object?> Photo(string path, string kind) =>
            new() { ["Path"] = path, ["Class"] = kind, ["Features"] = new float[] { 1, 2 } };
    }

    [Fact]
    public async Task The_program_indexes_a_folder_and_ranks_it()
    {
        var file = Path.Combine(_folder.FullName, "photos.db");
        // The sample's own folder has the libraries that a test project takes from ASP.NET Core.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Path.Combine(FileApp.Samples, "vector-stores", "bin", configuration, "net10.0", "VectorStores.dll");
        var start = new ProcessStartInfo("dotnet", [program, Pictures, Path.Combine(Pictures, "chelsea.png"), file])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        Assert.StartsWith("1.000  chelsea.png\n", output);
        Assert.Equal(3, output.TrimEnd().Split('\n').Length);
        Assert.True(File.Exists(file));
    }

    private sealed class Photo
    {
        [VectorStoreKey]
        public string Path { get; set; } = "";

        [VectorStoreData]
        public int Number { get; set; }

        [VectorStoreVector(1280)]
        public ReadOnlyMemory<float> Features { get; set; }
    }
}
