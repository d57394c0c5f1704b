using System.Text.Json.Nodes;

namespace TransferKit.Training.Tests;

/// <summary>Descriptions of trained models that are damaged or come from elsewhere: each ends in a typed exception, and soon.</summary>
public sealed class TrainedDescriptionTests : IDisposable
{
    private static readonly Lazy<(byte[] Weights, string Description)> Saved = new(Save);

    /// <summary>Changes of a good description, each the new value of an entry in JSON; null removes the entry.</summary>
    private static readonly (string Entry, string? Value)[] Changes =
    [
        // A missing entry.
        ("backbone", null), ("input_size", null), ("head", null), ("task", null), ("labels", null), ("preprocess", null),
        ("interpolation", null), ("exif_orientation", null), ("pooling", null), ("image_net_weights", null),
        // A null or another type in its place.
        ("backbone", "null"), ("input_size", "null"), ("head", "null"), ("task", "null"), ("labels", "null"), ("preprocess", "null"),
        ("backbone", "7"), ("backbone", "[\"mobilenet_v2\"]"), ("input_size", "\"32x32\""), ("input_size", "{}"),
        ("input_size", "[32.5, 32]"),
        ("head", "{}"), ("task", "99"), ("task", "[]"), ("labels", "\"cats\""), ("labels", "[1, 2, 3]"), ("labels", "{\"a\": 0}"),
        ("pooling", "1"), ("interpolation", "true"), ("exif_orientation", "\"yes\""), ("fast_decode", "1"), ("format", "\"1\""),
        // A value that is none.
        ("format", "0"), ("format", "2"), ("format", "-1"), ("format", "1e99"),
        ("backbone", "\"\""), ("backbone", "\"mobilenet_v9\""), ("backbone", "\"vgg16\""), ("backbone", "\"nasnet_large\""),
        ("backbone", "\"../../etc/passwd\""),
        ("input_size", "[]"), ("input_size", "[32]"), ("input_size", "[32, 32, 3]"), ("input_size", "[0, 32]"),
        ("input_size", "[-32, -32]"),
        ("input_size", "[1, 1]"), ("input_size", "[2147483647, 2147483647]"), ("input_size", "[100000, 100000]"),
        ("input_size", "[65536, 65536]"),
        ("input_size", "[99999999999, 32]"),
        ("alpha", "0"), ("alpha", "-1"), ("alpha", "0.5"), ("alpha", "1e9"), ("alpha", "1e308"), ("alpha", "NaN"), ("alpha", "\"NaN\""),
        ("alpha", "1e999"),
        ("depth_multiplier", "0"), ("depth_multiplier", "2"), ("depth_multiplier", "2147483647"), ("minimalistic", "true"),
        ("drop_connect_rate", "0.2"),
        ("image_net_weights", "7"), ("pooling", "\"sum\""), ("pooling", "\"avg, max\""), ("pooling", "\"none\""),
        ("preprocess", "\"other\""), ("interpolation", "\"cubic\""),
        ("head", "\"\""), ("head", "\"dense\""), ("head", "\"dense:0\""), ("head", "\"dense:-1\""), ("head", "\"dense:2147483647\""),
        ("head", "\"dense:99999999999\""),
        ("head", "\"dense:8:softmax\""), ("head", "\"dropout:1\""), ("head", "\"dropout:NaN\""), ("head", "\"conv:3\""),
        ("head", "\"dense:8,flatten\""),
        ("head", "\"flatten\""), ("head", "\"dense:8\""), ("head", "\"linear,linear\""),
        ("task", "\"other\""), ("task", "\"binary\""), ("task", "\"multi_class, binary\""),
        ("labels", "[]"), ("labels", "[\"a\"]"), ("labels", "[\"a\", \"b\"]"), ("labels", "[\"a\", \"b\", \"c\", \"d\"]"),
        ("labels", "[\"a\", \"a\", \"b\"]"), ("labels", "[\"a\", null, \"b\"]"),
        // A misspelt entry beside the right ones.
        ("interpolaton", "\"lanczos\""), ("resize", "{\"width\": 32}"),
        // Values that do not fit each other.
        ("resize", "\"resizing\""), ("resize", "\"pillow\""), ("aspect_ratio", "\"pad\""), ("aspect_ratio", "7"),
        ("color_mode", "\"rgba\""),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-description-").FullName;

    public static TheoryData<string, string?> Changed
    {
        get
        {
            var data = new TheoryData<string, string?>();
            foreach (var (entry, value) in Changes)
                data.Add(entry, value);
            return data;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_description_that_is_changed_below_is_a_good_one()
    {
        using var model = TrainedModel.Load(Write(Saved.Value.Description));
        Assert.Equal(["a", "b", "c"], model.Labels);
        Assert.Equal(Interpolation.Lanczos, model.Images.Interpolation);
    }

    [Fact]
    public void What_earlier_versions_wrote_besides_is_passed_over()
    {
        var text = Saved.Value.Description.TrimEnd();
        Assert.DoesNotContain("output_count", text);
        using var model = TrainedModel.Load(Write($$"""
            {{text[..^1]}}, "images": { "decoder": {} }, "output_count": 3,
                "output_activation": "softmax", "backbone_options": { "weights": {} } }
            """));
        Assert.Equal(["a", "b", "c"], model.Labels);
    }

    [Theory, MemberData(nameof(Changed))]
    public void A_changed_entry_is_refused_with_the_file(string entry, string? value)
    {
        var json = JsonNode.Parse(Saved.Value.Description)!.AsObject();
        json.Remove(entry);
        var text = json.ToJsonString();
        AssertRefused(value is null ? text : $"{text[..^1]}, \"{entry}\": {value}}}");
    }

    public static TheoryData<string> Texts =>
    [
        "", " ", "null", "[]", "{}", "7", "\"text\"", "<html></html>", "{\"format\": 1", "not json", "\0\0\0\0",
        "{\"format\": 2, \"layers\": []}", "{\"format\": null}",
    ];

    [Theory, MemberData(nameof(Texts))]
    public void What_is_no_description_is_refused_with_the_file(string text) => AssertRefused(text);

    [Fact]
    public void A_description_that_is_cut_off_anywhere_is_refused()
    {
        var whole = Saved.Value.Description.TrimEnd();
        for (var length = 0; length < whole.Length; length += 3)
            AssertRefused(whole[..length]);
    }

    [Fact]
    public void An_entry_that_stands_twice_is_refused()
    {
        var text = Saved.Value.Description.TrimEnd();
        AssertRefused($"{text[..^1]}, \"head\": \"linear\"}}");
    }

    [Fact]
    public void A_description_without_bounds_is_refused_before_anything_is_built()
    {
        AssertRefused(Changed("head", $"\"{string.Join(',', Enumerable.Repeat("dense:8", 200_000))}\""));
        AssertRefused(Changed("head", $"\"dense:{new string('8', 100_000)}\""));
        AssertRefused(
            Changed(
                "labels",
                $"[{string.Join(',', Enumerable.Range(0, 150_000))}]".Replace(",", "\",\"").Replace("[", "[\"").Replace("]", "\"]")));
        AssertRefused(Changed("labels", $"[\"a\", \"b\", \"{new string('c', 2_000)}\"]"));
        AssertRefused(Changed("labels", new string('[', 100_000) + new string(']', 100_000)));
        AssertRefused(Changed("head", $"\"{new string(' ', 20 << 20)}\""));

        static string Changed(string entry, string value)
        {
            var json = JsonNode.Parse(Saved.Value.Description)!.AsObject();
            json.Remove(entry);
            return $"{json.ToJsonString()[..^1]}, \"{entry}\": {value}}}";
        }
    }

    [Fact]
    public void A_description_that_cannot_be_opened_is_told_as_such()
    {
        var model = Write("{}");
        File.Delete(model + ".json");
        Assert.Contains("is missing", Assert.Throws<TrainedModelException>(() => TrainedModel.Load(model)).Message);
        Directory.CreateDirectory(model + ".json");
        Assert.Throws<TrainedModelException>(() => TrainedModel.Load(model));
    }

    [Fact]
    public void A_description_of_a_later_format_says_so_whatever_else_it_holds()
    {
        var e = Assert.Throws<TrainedModelException>(() => TrainedModel.Load(Write("{\"format\": 2, \"stages\": [1, 2]}")));
        Assert.Contains("its format is 2", e.Message);
    }

    private void AssertRefused(string description)
    {
        var model = Write(description);
        Action[] uses =
        [
            () => TrainedModel.Load(model),
            () => TrainedModel.ExportOnnx(model, Path.Combine(_folder, "m.onnx")),
            () => TransferModel.Load(model),
        ];
        foreach (var use in uses)
        {
            var error = Record.Exception(use);
            // Weights that fit no such model are the other leaf.
            Assert.True(
                error is TrainedModelException or WeightsMismatchException, $"{description[..Math.Min(200, description.Length)]}: {error}");
            Assert.Contains(model, error!.Message, StringComparison.Ordinal);
        }
    }

    private string Write(string description)
    {
        var model = Path.Combine(_folder, "m.h5");
        File.WriteAllBytes(model, Saved.Value.Weights);
        File.WriteAllText(model + ".json", description);
        return model;
    }

    private static (byte[], string) Save()
    {
        using var photos = new SamplePhotos(1, 1);
        using var model = SamplePhotos.Model(["a", "b", "c"], images: new() { Interpolation = Interpolation.Lanczos });
        model.Save(photos.File("m.h5"));
        return (File.ReadAllBytes(photos.File("m.h5")), File.ReadAllText(photos.File("m.h5.json")));
    }
}
