using Qdrant.Client;
using Qdrant.Client.Grpc;
using static TransferKit.Pooling;

namespace TransferKit.Snippets;

internal static class VectorStores
{
    public static async Task OfQdrant()
    {
        using IBackbone backbone = Backbone.Load("resnet50", includeTop: false, pooling: Avg);
        float[] features = backbone.Predict("photo.jpg").ToArray();

        using var client = new QdrantClient("localhost");
        await client.CreateCollectionAsync("photos", new VectorParams { Size = 2048, Distance = Distance.Cosine });
        await client.UpsertAsync("photos", [new PointStruct { Id = 1, Vectors = features, Payload = { ["path"] = "photo.jpg" } }]);
        IReadOnlyList<ScoredPoint> alike = await client.QueryAsync("photos", features, limit: 3);
    }
}
