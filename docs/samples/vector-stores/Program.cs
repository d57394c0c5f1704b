// Indexes a folder of pictures in a vector store, and prints those that are most like one picture:
//   dotnet run --project docs/samples/vector-stores -- FOLDER PICTURE [photos.db]
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using TransferKit;
using TransferKit.Extensions.AI;
using VectorStores;

if (args is not [var folder, var picture, .. var file])
{
    Console.Error.WriteLine("Give a folder of pictures, one picture and, to keep the index, a file: photos sunset.jpg photos.db");
    return 2;
}
using IBackbone backbone = Backbone.Load("mobilenet_v2", new()
{
    IncludeTop = false,
    Pooling = Pooling.Avg,
    Alpha = 0.35,
    Weights = MobileNetV2Weights.Alpha035NoTop,
    CacheCompiledModel = false,
});
var generator = backbone.AsIEmbeddingGenerator();
using VectorStore store = file is [var path] ? TableStore.InSqlite(path, generator) : TableStore.InMemory(generator);
var photos = store.GetCollection<string, Photo>("photos");
await photos.EnsureCollectionExistsAsync();
await photos.UpsertAsync(Directory.GetFiles(folder).Select(p => new Photo { Path = p, Content = Load(p) }));
await foreach (var result in photos.SearchAsync(Load(picture), top: 3))
    Console.WriteLine($"{result.Score:0.000}  {Path.GetFileName(result.Record.Path)}");
return 0;

// The bytes tell the format, so the media type plays no part.
static DataContent Load(string path) => new(File.ReadAllBytes(path), "image/*") { Name = path };

/// <summary>Represents a picture in the store, which generates its vector from the content.</summary>
internal sealed class Photo
{
    [VectorStoreKey]
    public required string Path { get; init; }

    [VectorStoreVector(1280)]
    public DataContent? Content { get; init; }
}
