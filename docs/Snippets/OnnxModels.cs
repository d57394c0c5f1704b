using Microsoft.Extensions.DependencyInjection;

namespace TransferKit.Snippets;

internal static class OnnxModels
{
    public static void Tokens()
    {
        // The folder of an export by optimum: model.onnx and, beside it, preprocessor_config.json.
        using IBackbone dino = Backbone.FromOnnx("dinov2/model.onnx", new() { Outputs = ["last_hidden_state"], Pooling = OnnxPooling.Cls });
        FeatureTensor features = dino.Predict("photo.jpg");          // (1, 384)
    }

    public static void Options()
    {
        // torchvision: Resize(256), CenterCrop(224), ToTensor(), Normalize(ImageNet)
        using IBackbone own = Backbone.FromOnnx("resnet.onnx", new()
        {
            Images = new() { Interpolation = Interpolation.Bilinear, CropFrom = CropFrom.ShortestEdge(256) },
            Scaling = PixelScaling.ImageNet,
        });
    }

    public static void Container(IServiceCollection services)
    {
        services.AddBackbone("dinov2", _ => Backbone.FromOnnx("dinov2/model.onnx", new() { Outputs = ["pooler_output"] }));
    }
}
