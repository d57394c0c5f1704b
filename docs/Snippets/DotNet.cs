using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;
using TransferKit.Extensions.AI;
using TransferKit.ImageSharp;
using static TransferKit.Pooling;

namespace TransferKit.Snippets;

internal static class DotNet
{
    public static void Pictures()
    {
        using IBackbone backbone = Backbone.Load("resnet50", includeTop: false, pooling: Avg);
        using Image<Rgb24> image = Image.Load<Rgb24>("photo.jpg");
        image.Mutate(x => x.Crop(new Rectangle(100, 50, 400, 400)));
        FeatureTensor features = backbone.Predict(image);            // (1, 2048)

        Image[] images = [image, image];
        FeatureTensor rows = backbone.Predict(images);               // (2, 2048)
    }

    public static void Decoder(IServiceCollection services)
    {
        services.AddTransferKit().UseImageSharp();                   // every backbone of the container

        var own = new BackboneOptions { Images = new() { Decoder = new ImageSharpDecoder() } };   // or one backbone
    }

    public static async Task Embeddings()
    {
        using IBackbone backbone = Backbone.Load("resnet50", includeTop: false, pooling: Avg);
        var generator = backbone.AsIEmbeddingGenerator();
        DataContent picture = new(File.ReadAllBytes("photo.jpg"), "image/jpeg");
        ReadOnlyMemory<float> vector = await generator.GenerateVectorAsync(picture);   // 2048 numbers
    }

    public static void Container(IServiceCollection services)
    {
        services.AddBackboneEmbeddings("resnet50");                  // IEmbeddingGenerator<DataContent, Embedding<float>>
        services.AddBackboneEmbeddings("xception", key: "fine");     // [FromKeyedServices("fine")]
    }

    public static void Decorated(IServiceCollection services)
    {
        services.AddBackbone("resnet50", new() { IncludeTop = false, Pooling = Avg });
        services.AddDistributedMemoryCache();
        services.AddEmbeddingGenerator(p => p.GetRequiredService<IBackbone>().AsIEmbeddingGenerator())
            .UseDistributedCache().UseOpenTelemetry();
    }
}
