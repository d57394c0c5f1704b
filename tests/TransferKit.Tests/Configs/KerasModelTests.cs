using TransferKit.Configs.Files;
using TransferKit.Graph;

namespace TransferKit.Tests.Configs;

/// <summary>Compares whole models with Keras, and says what is known about them.</summary>
public sealed class KerasModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-keras-model-").FullName;

    private static readonly KerasModelOptions Unprepared = new() { Preprocess = PreprocessMode.None };

    public static TheoryData<string> Files => [.. KerasModelGoldens.Files];

    public static TheoryData<string> WrittenFiles => [.. KerasModelGoldens.Files.Where(
        f => !f.StartsWith("keras2", StringComparison.Ordinal) && !f.StartsWith("operators", StringComparison.Ordinal))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(Files))]
    public void A_whole_model_gives_the_numbers_of_Keras(string file)
    {
        using var model = Open(file, Unprepared);
        Assert.Equal(KerasModelGoldens.Size(file), model.InputSize);
        var found = model.PredictAll(KerasModelGoldens.Pixels(file));
        var expected = KerasModelGoldens.Outputs(file).ToArray();
        Assert.Equal(expected.Length, found.Count);
        foreach (var (own, (layer, shape, values)) in model.Outputs.Zip(expected))
        {
            // The output of a nested model has the name of the layer inside.
            Assert.True(own.Layer == layer || layer is "twice" or "sequential_3", layer);
            var output = found[own.Layer];
            Assert.Equal(shape, output.Shape);
            var scale = values.Max(Math.Abs);
            Assert.All(values.Zip(output.ToArray()), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, 1e-5 * scale));
        }
    }

    // Keras' own files of both formats, written in the other one: without nesting, each layer as it was.
    [Theory, MemberData(nameof(WrittenFiles))]
    public void A_whole_model_written_without_nesting_gives_the_same_numbers(string file)
    {
        var other = Path.Combine(_folder, Path.ChangeExtension(file, file.EndsWith(".h5", StringComparison.Ordinal) ? ".keras" : ".h5"));
        KerasModel.ExportKeras(KerasModelGoldens.Path(file), other, Unprepared);
        using var model = Open(file, Unprepared);
        using var written = KerasModel.Open(other, Unprepared with { CacheCompiledModel = false });
        var pixels = KerasModelGoldens.Pixels(file);
        foreach (var (expected, found) in model.PredictAll(pixels).Values.Zip(written.PredictAll(pixels).Values))
            Assert.Equal(expected.ToArray(), found.ToArray(), (a, b) => Math.Abs(a - b) <= 1e-6 * Math.Max(1, Math.Abs(a)));
        var (before, after) = (model.Summary(), written.Summary());
        Assert.Equal((before.TotalParameters, before.TrainableParameters), (after.TotalParameters, after.TrainableParameters));
        // Keras rounds as these say, and TransferKit computes in 32 bits.
        if (!file.StartsWith("rounded", StringComparison.Ordinal))
        {
            KerasJudge.Add(
                $"flat-{Path.GetFileName(file).Replace('.', '-')}", [other], model.InputSize, model,
                compiled: file.StartsWith("sequential", StringComparison.Ordinal) ? "Adam" : null);
        }
    }

    [Theory, MemberData(nameof(WrittenFiles))]
    public void A_whole_model_saved_in_its_own_format_keeps_its_configuration_and_every_bit(string file)
    {
        var again = Path.Combine(_folder, file);
        KerasModel.ExportKeras(KerasModelGoldens.Path(file), again, Unprepared);
        using (var before = KerasModelFile.Open(KerasModelGoldens.Path(file)))
        using (var after = KerasModelFile.Open(again))
        {
            Assert.Equal((before.ConfigText, before.KerasVersion), (after.ConfigText, after.KerasVersion));
            Assert.Equal($"{before.Compiled}", $"{after.Compiled}");
            foreach (var layer in before.Graph.Graph.Layers.Where(l => l.SharesWeightsOf is null))
            {
                Assert.True(after.Graph.Graph.TryFind(layer.Name, out var same));
                Assert.Equal(Bits(before, layer), Bits(after, same));
            }
        }
        if (file.StartsWith("rounded", StringComparison.Ordinal))
            return;
        using var model = Open(file, Unprepared);
        KerasJudge.Add($"same-{file.Replace('.', '-')}", [again], model.InputSize, model);
    }

    // Keras refuses a flag that a class does not write itself.
    [Fact]
    public void A_layer_without_the_flag_of_training_is_written_without_it()
    {
        var path = Path.Combine(_folder, "sequential.keras");
        KerasModel.ExportKeras(KerasModelGoldens.Path("sequential.h5"), path, Unprepared);
        using var file = KerasModelFile.Open(path);
        var (dropout, dense) = (file.Config.Layers.First(l => l.ClassName == "SpatialDropout2D"), file.Config.Layers.Last());
        Assert.False(dropout.Config.TryGetProperty("trainable", out _));
        Assert.True(dense.Config.GetProperty("trainable").GetBoolean());
    }

    [Fact]
    public void Regularizers_and_policies_are_carried_into_the_other_format()
    {
        var path = Path.Combine(_folder, "convolutions.h5");
        KerasModel.ExportKeras(KerasModelGoldens.Path("convolutions.keras"), path, Unprepared);
        using (var file = KerasModelFile.Open(path))
        {
            var grouped = file.Config.Layers.Single(l => l.Name == "grouped");
            Assert.Contains("\"L2\"", grouped.Config.GetProperty("kernel_regularizer").GetRawText(), StringComparison.Ordinal);
        }
        KerasModel.ExportKeras(KerasModelGoldens.Path("rounded-mixed_float16.keras"), path, Unprepared);
        using (var file = KerasModelFile.Open(path))
        {
            var conv = file.Config.Layers.Single(l => l.Name == "conv");
            Assert.Contains("mixed_float16", conv.Config.GetRawText(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_name_that_HDF5_does_not_have_is_refused_and_nothing_is_written()
    {
        var changed = Path.Combine(_folder, "changed.keras");
        KerasModelGoldens.Change("grey.keras", changed, config => config.Replace("\"conv\"", "\".\"", StringComparison.Ordinal));
        Assert.Throws<KerasModelException>(() => KerasModel.ExportKeras(changed, Path.Combine(_folder, "written.h5"), Unprepared));
        Assert.Equal([changed], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Operators_that_were_merged_into_one_are_refused_by_name()
    {
        var e = Assert.Throws<KerasModelException>(() => KerasModel.ExportKeras(
            KerasModelGoldens.Path("operators.keras"), Path.Combine(_folder, "operators.h5"), Unprepared));
        Assert.Equal("stack", e.Layer);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("nested-frozen.keras", "relu")]
    [InlineData("shared.keras", "relu/call_2")]
    [InlineData("keras2-operators.h5", "add")]
    public void A_model_that_was_cut_is_written_up_to_its_layer(string file, string layer)
    {
        using var whole = Open(file, Unprepared);
        using var cut = whole.Cut(layer);
        var path = Path.Combine(_folder, "cut.keras");
        cut.Save(path);
        using var written = KerasModel.Open(path, Unprepared with { CacheCompiledModel = false });
        var pixels = KerasModelGoldens.Pixels(file);
        Assert.Equal(cut.Predict(pixels).ToArray(), written.Predict(pixels).ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.True(written.Summary().Layers.Count < whole.Summary().Layers.Count);
        KerasJudge.Add($"cut-{Path.GetFileName(file).Replace('.', '-')}", [path], whole.InputSize, cut);
    }

    [Fact]
    public void A_model_of_one_channel_gets_grey_pictures()
    {
        using var model = Open("grey.keras");
        Assert.Equal(ColorMode.Grayscale, model.Images.ColorMode);
        var picture = Path.Combine(_folder, "picture.jpg");
        File.Copy(Goldens.Path("images", "rocket.jpg"), picture);
        var pixels = new ImageLoadOptions { ColorMode = ColorMode.Grayscale }.FittingTo(model.InputSize).Load(picture);
        Assert.Equal(model.Predict(pixels).ToArray(), model.Predict(picture).ToArray());
        using var cut = model.Cut("conv");
        cut.Save(Path.Combine(_folder, "cut.keras"));
        using var written = KerasModelFile.Open(Path.Combine(_folder, "cut.keras"));
        Assert.Contains("[null,11,9,1]", written.ConfigText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_with_training_true_is_refused_with_its_layer()
    {
        var path = Path.Combine(_folder, "changed.keras");
        KerasModelGoldens.Change("nested-frozen.keras", path, config => config.Replace(
            "\"training\": false", "\"training\": true", StringComparison.Ordinal));
        var e = Assert.Throws<KerasModelException>(() => KerasModel.Open(path, Unprepared));
        Assert.Equal("bn", e.Layer);
        Assert.Contains("training=True", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nested-frozen.keras", PreprocessSource.Inside)]
    [InlineData("teachable.h5", PreprocessSource.Inside)]
    [InlineData("keras2-operators.h5", PreprocessSource.Inside)]
    public void A_model_that_prepares_pixels_inside_says_so(string file, PreprocessSource source)
    {
        using var model = Open(file);
        Assert.Equal((source, PreprocessMode.None), (model.PreprocessSource, model.Preprocess));
    }

    [Fact]
    public void The_callers_preprocessing_wins()
    {
        using var model = Open("nested-frozen.keras", new() { Preprocess = PreprocessMode.Tf });
        Assert.Equal((PreprocessSource.Given, PreprocessMode.Tf), (model.PreprocessSource, model.Preprocess));
    }

    [Fact]
    public void Frozen_layers_do_not_count_as_trainable()
    {
        var free = KerasModel.Summary(KerasModelGoldens.Path("nested-trainable.keras"));
        var frozen = KerasModel.Summary(KerasModelGoldens.Path("nested-frozen.keras"));
        Assert.Equal(free.TotalParameters, frozen.TotalParameters);
        // The head: 4 x 5 + 5, its normalisation's 10, 5 x 3 + 3.
        Assert.Equal(53, frozen.TrainableParameters);
        Assert.True(free.TrainableParameters > frozen.TrainableParameters);
    }

    [Fact]
    public void Layers_of_one_name_in_nested_models_have_their_paths()
    {
        var names = KerasModel.Summary(KerasModelGoldens.Path("nested-frozen.keras")).Layers.Select(l => l.Name).ToArray();
        Assert.Contains("dense", names);
        Assert.Contains("head/dense", names);
        Assert.Contains("conv", names);
    }

    [Fact]
    public void Any_layer_can_be_the_output()
    {
        using var model = Open("nested-frozen.keras", new() { Layers = ["pool", "relu"] });
        var outputs = model.PredictAll(KerasModelGoldens.Pixels("nested-frozen.keras"));
        Assert.Equal([2, 4], outputs["pool"].Shape);
        Assert.Equal(4, outputs["relu"].Shape.Count);
        Assert.Throws<UnknownNameException>(() => Open("nested-frozen.keras", new() { Layers = ["relo"] }));
    }

    // The keys are those of Keras' dictionary, of which "dense" is also the name of the layer behind "box".
    [Theory]
    [InlineData("named.keras")]
    [InlineData("named.h5")]
    public void The_outputs_of_a_dictionary_have_its_names(string file)
    {
        using var model = Open(file, Unprepared);
        Assert.Equal(["again", "box", "dense", "kind"], model.Outputs.Select(o => o.Layer));
        var all = model.PredictAll(KerasModelGoldens.Pixels(file));
        foreach (var name in all.Keys)
        {
            using var one = Open(file, Unprepared with { Layers = [name] });
            Assert.Equal([name], one.Outputs.Select(o => o.Layer));
            Assert.Equal(all[name].ToArray(), one.Predict(KerasModelGoldens.Pixels(file)).ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
        }
        var other = Path.Combine(_folder, file.EndsWith(".h5", StringComparison.Ordinal) ? "o.keras" : "o.h5");
        model.Save(other);
        using var written = KerasModel.Open(other, Unprepared with { CacheCompiledModel = false });
        Assert.Equal(model.Outputs.Select(o => o.Layer), written.Outputs.Select(o => o.Layer));
    }

    [Fact]
    public void A_nested_model_stands_for_its_output_by_name()
    {
        using var model = Open("nested-frozen.keras");
        using var cut = model.Cut("base");
        using var layer = model.Cut("add");
        Assert.Equal("base", Assert.Single(cut.Outputs).Layer);
        var pixels = KerasModelGoldens.Pixels("nested-frozen.keras");
        Assert.Equal(layer.Predict(pixels).ToArray(), cut.Predict(pixels).ToArray());
        Assert.Throws<ArgumentException>(() => Open("nested-frozen.keras", new() { Layers = ["base", "add"] }));
        Assert.Contains("head", Assert.Throws<UnknownNameException>(() => model.Cut("heat")).Suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_belong_to_the_output_that_was_chosen()
    {
        var options = Unprepared with { Labels = ["a", "b", "c", "d"], Layers = ["kind"] };
        using var model = Open("named.keras", options);
        Assert.Equal(ModelTask.MultiClass, model.Task);
        Assert.Equal("c", model.Decode([0, 0.2f, 0.7f, 0.1f], top: 1)[0].Label);
        var e = Assert.Throws<KerasModelException>(() => Open("named.keras", options with { Layers = [] }));
        Assert.Contains("choose the output", e.Message, StringComparison.Ordinal);
        // A file of labels beside the model may be for another output.
        File.Copy(KerasModelGoldens.Path("named.keras"), Path.Combine(_folder, "m.keras"));
        File.WriteAllLines(Path.Combine(_folder, "labels.txt"), options.Labels!);
        foreach (var (layers, task) in ((string[] Layers, ModelTask?)[])[([], null), (["kind"], ModelTask.MultiClass), (["again"], null)])
        {
            using var beside = KerasModel.Open(
                Path.Combine(_folder, "m.keras"), Unprepared with { Layers = layers, CacheCompiledModel = false });
            Assert.Equal(task, beside.Task);
        }
    }

    [Fact]
    public void Given_labels_classify()
    {
        using var model = Open("nested-frozen.keras", new() { Labels = ["cats", "dogs", "birds"] });
        Assert.Equal(ModelTask.MultiClass, model.Task);
        var best = model.Decode([0.2f, 0.7f, 0.1f], top: 2);
        Assert.Equal([("dogs", 0.7f), ("cats", 0.2f)], best.Select(p => (p.Label, p.Score)));
    }

    [Fact]
    public void An_output_without_activation_is_taken_for_logits()
    {
        using var model = Open("sequential.keras", new() { Labels = ["cats", "dogs"] });
        var scores = model.Decode([0, MathF.Log(3)]);
        Assert.Equal(["dogs", "cats"], scores.Select(p => p.Label));
        Assert.Equal(0.75f, scores[0].Score, 1e-6f);
    }

    [Theory]
    [InlineData("labels.txt", "0 cats\n1 small dogs\n2 birds\n")]
    [InlineData("labels.txt", "cats\r\nsmall dogs\r\nbirds")]
    [InlineData("m.keras.json", """["cats", "small dogs", "birds"]""")]
    [InlineData("m.keras.json", """{"birds": 2, "cats": 0, "small dogs": 1}""")]
    public void Labels_are_read_from_a_file_beside_the_model(string name, string content)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "m.keras");
            File.Copy(KerasModelGoldens.Path("nested-frozen.keras"), path);
            File.WriteAllText(Path.Combine(folder.FullName, name), content);
            using var model = KerasModel.Open(path, new() { CacheCompiledModel = false });
            Assert.Equal(["cats", "small dogs", "birds"], model.Labels);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Labels_of_another_number_are_refused()
    {
        var e = Assert.Throws<KerasModelException>(() => Open("nested-frozen.keras", new() { Labels = ["cats", "dogs"] }));
        Assert.Contains("2 names", e.Message, StringComparison.Ordinal);
    }

    private static int[] Bits(KerasModelFile file, Layer layer) => [.. layer.Weights.SelectMany(slot =>
    {
        var values = new float[slot.Shape.Aggregate(1, (product, d) => product * d)];
        file.Weights.Read(layer, slot, 0, values);
        return values.Select(BitConverter.SingleToInt32Bits);
    })];

    private static KerasModel Open(string file, KerasModelOptions? options = null) =>
        KerasModel.Open(KerasModelGoldens.Path(file), (options ?? new()) with { CacheCompiledModel = false });
}
