using Microsoft.ML.OnnxRuntime;

namespace TransferKit.PublicApi.Tests;

public class ExportTests
{
    [Theory]
    [InlineData(OnnxInput.Bytes)]
    [InlineData(OnnxInput.Floats)]
    [InlineData(OnnxInput.Prepared)]
    public void The_exported_file_gives_what_the_backbone_gives(OnnxInput input)
    {
        using var folder = new TemporaryFolder();
        var pixels = new byte[2 * 224 * 224 * 3];
        new Random(5).NextBytes(pixels);
        var floats = Array.ConvertAll(pixels, b => (float)b);

        Backbone.ExportOnnx("mobilenet_v2", folder.File("m.onnx"), SharedBackbone.Options, input);

        Assert.Equal(["m.onnx"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
        using var session = new InferenceSession(folder.File("m.onnx"));
        long[] shape = [2, 224, 224, 3];
        using var value = input switch
        {
            OnnxInput.Bytes => OrtValue.CreateTensorValueFromMemory(pixels, shape),
            OnnxInput.Floats => OrtValue.CreateTensorValueFromMemory(floats, shape),
            _ => OrtValue.CreateTensorValueFromMemory(Preprocess.Apply(floats, PreprocessMode.Tf), shape),
        };
        using var run = new RunOptions();
        using var outputs = session.Run(run, session.InputNames, [value], session.OutputNames);
        var expected = SharedBackbone.MobileNet.Predict(pixels).ToArray();
        var found = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        Assert.True(expected.Zip(found).Max(p => Math.Abs(p.First - p.Second)) <= 1e-4 * expected.Max());
        Assert.Equal("mobilenet_v2", session.ModelMetadata.CustomMetadataMap["keras.name"]);
    }

    [Fact]
    public void Saved_weights_load_into_the_same_model_and_give_its_numbers()
    {
        using var folder = new TemporaryFolder();
        var options = new BackboneOptions
        {
            Alpha = 0.35,
            Classes = 10,
            InputSize = (96, 64),
            Weights = Weights.Random(11),
            CacheCompiledModel = false,
        };
        var pixels = new byte[96 * 64 * 3];
        new Random(6).NextBytes(pixels);

        Backbone.SaveWeights("mobilenet_v2", folder.File("w.h5"), options);

        using var drawn = Backbone.Load("mobilenet_v2", options);
        using var loaded = Backbone.Load("mobilenet_v2", options with { Weights = folder.File("w.h5") });
        Assert.Equal(drawn.Predict(pixels).ToArray(), loaded.Predict(pixels).ToArray());
        Assert.Equal([1, 10], loaded.Predict(pixels).Shape);
        Assert.Throws<WeightsMismatchException>(
            () => Backbone.Load("mobilenet_v2", options with { Weights = folder.File("w.h5"), Classes = 11 }));
    }

    [Fact]
    public void Places_that_cannot_be_written_are_told()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<OutputFileException>(
            () => Backbone.ExportOnnx("mobilenet_v2", folder.File("absent", "m.onnx"), SharedBackbone.Options));
        Assert.Throws<OutputFileException>(
            () => Backbone.SaveWeights("mobilenet_v2", folder.File("absent", "w.h5"), SharedBackbone.Options));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
