using TorchSharp;

namespace TransferKit.Training.Tests;

public class ExplainedTests
{
    [Fact]
    public void A_trained_model_with_a_hidden_layer_is_explained_as_libtorch_differentiates_it()
    {
        using var photos = new SamplePhotos();
        var options = new TransferModelOptions
        {
            Backbone = new() { Weights = MobileNetV2Weights.Alpha035NoTop, Alpha = 0.35, InputSize = (96, 96), CacheCompiledModel = false },
            Head = Head.Linear.Dense(16).Dropout(0.2),
        };
        using var model = TransferModel.Create("mobilenet_v2", photos.Open().Classes, options);
        model.Save(photos.File("cats.h5"));
        var picture = photos.Open().Images[0].Path;
        using var explainer = Explainer.Open(photos.File("cats.h5"));

        var graph = model.Graph.Graph;
        var last = graph.Layers.Last(l => l.OutputShape is { IsMap: true, Height: > 1 });
        using var maps = TrainedMap(options, last.Name);
        var features = maps.Predict(picture);
        var most = 0f;
        for (var label = 0; label < model.Labels.Count; label++)
        {
            var map = explainer.Explain(picture, model.Labels[label]);

            Assert.Equal(ExplanationMethod.GradientActivation, map.Method);
            using var scope = torch.NewDisposeScope();
            var x = torch.tensor(features.ToArray(), [map.Height, map.Width, features.Shape[3]])
                .permute(2, 0, 1).unsqueeze(0).contiguous().detach().requires_grad_(true);
            using (model.Graph.InInference())
                model.Graph.Run(x, last, graph.Output, logits: true)[0, label].backward();
            var weights = x.grad!.mean([2, 3], keepdim: true);
            var expected = (x.detach() * weights).sum(1).relu().flatten().data<float>().ToArray();
            Assert.Equal(expected, map.Values, (e, f) => Math.Abs(e - f) <= 1e-5 * Math.Max(1, expected.Max()));
            most = Math.Max(most, expected.Max());
        }
        Assert.True(most > 0, "no class has a map to compare");
    }

    private static IBackbone TrainedMap(TransferModelOptions options, string layer) =>
        Backbone.Load("mobilenet_v2", options.Backbone with { IncludeTop = false, Layers = [layer] });
}
