using TransferKit.Configs;
using TransferKit.Configs.Reading;

namespace TransferKit.Tests.Configs;

/// <summary>Reads configurations that are wrong or unsupported: each is refused with the file, the layer and the reason.</summary>
public class ConfigReaderTests
{
    private const string Input =
        """{"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 8, 8, 3]}, "name": "i", "inbound_nodes": []}""";

    public static TheoryData<string, string?, string> Refused => new()
    {
        { Model(Input, Layer("Lambda", "l", """{"function": {"class_name": "__lambda__"}}""", "i")), "l", "never runs" },
        { Model(Input, Layer("Attention", "l", "{}", "i")), "l", "(Attention) is of a class that TransferKit does not support" },
        { Model(Input, Layer("Mine", "l", "{}", "i", registered: "shop>Mine")), "l", "custom layer (shop>Mine)" },
        { Model(Input, Layer("Conv2D", "l", """{"kernel_size": 3}""", "i")), "l", "has no 'filters'" },
        { Model(Input, Layer("Conv2D", "l", """{"filters": 0, "kernel_size": 3}""", "i")), "l", "at least 1" },
        { Model(Input, Layer("Conv2D", "l", """{"filters": 2, "kernel_size": [9, 9]}""", "i")), "l", "does not fit into" },
        {
            Model(Input, Layer("Conv2D", "l", """{"filters": 2, "kernel_size": 3, "data_format": "channels_first"}""", "i")), "l",
            "channels_first"
        },
        { Model(Input, Layer("Conv2D", "l", """{"filters": 2, "kernel_size": 3, "activation": "wave"}""", "i")), "l", "'wave'" },
        { Model(Input, Layer("Conv2D", "l", """{"filters": 2, "kernel_size": 3, "new_setting": 1}""", "i")), "l", "'new_setting'" },
        { Model(Input, Layer("Flatten", "l", "{}", "absent")), "absent", "no such layer" },
        { Model(Input, Layer("Flatten", "l", "{}", "m"), Layer("Flatten", "m", "{}", "l")), "m", "cycle" },
        { Model(Input, Layer("Flatten", "l", "{}", "l")), "l", "cycle" },
        { Model(Input, Layer("Flatten", "l", "{}", "i"), Layer("Flatten", "l", "{}", "i")), null, "two layers 'l'" },
        { Model(Input, Layer("UpSampling2D", "l", """{"size": [100000, 100000]}""", "i")), "l", "UpSampling2D" },
        { Model(Input, Layer("Reshape", "l", """{"target_shape": [4, 48]}""", "i")), "l", "2 dimensions" },
        { Model(Input, Layer("Reshape", "l", """{"target_shape": [5, -1]}""", "i")), "l", "Reshape" },
        { Model(Input, Layer("Dense", "l", """{"units": 2147483647}""", "i")), "l", "too large" },
        { Model(Input, Layer("Conv2D", "l", """{"filters": 2147483647, "kernel_size": 1}""", "i")), "l", "too large" },
        { Model(Input, Layer("Conv2D", "l", """{"filters": 1e99, "kernel_size": 1}""", "i")), "l", "whole number" },
        {
            Model(Input, Layer("Conv2D", "l", """{"filters": 1, "kernel_size": 2147483647, "padding": "same"}""", "i")), "l",
            "Conv2D"
        },
        {
            Model(Input, Layer("DepthwiseConv2D", "l", """{"kernel_size": 1, "depth_multiplier": 2147483647}""", "i")), "l",
            "DepthwiseConv2D"
        },
        { Model(Input, Layer("ZeroPadding2D", "l", """{"padding": 2147483647}""", "i")), "l", "ZeroPadding2D" },
        { Model(Input, Layer("Cropping2D", "l", """{"cropping": 2147483647}""", "i")), "l", "Cropping2D" },
        {
            Model(Input, Layer("Conv2D", "l", """{"filters": 1, "kernel_size": 65537, "dilation_rate": 65537}""", "i")), "l",
            "Conv2D"
        },
        {
            Model(Input, Layer("Conv2DTranspose", "l", """{"filters": 1, "kernel_size": 65537, "dilation_rate": 65537}""", "i")), "l",
            "Conv2DTranspose"
        },
        { Model(Input, Layer("Resizing", "l", """{"height": 2147483647, "width": 2147483647}""", "i")), "l", "Resizing" },
        { Model(Input, Layer("GroupNormalization", "l", """{"groups": 2147483647}""", "i")), "l", "GroupNormalization" },
        { Model(Input, Layer("AveragePooling2D", "l", """{"pool_size": 2147483647, "strides": 1}""", "i")), "l", "AveragePooling2D" },
        { Model(Input, Layer("Rescaling", "l", """{"scale": [1, 2]}""", "i")), "l", "2 scales for 3 channels" },
        { Model(Input, Layer("Rescaling", "l", """{"scale": 1, "offset": [1, 2]}""", "i")), "l", "2 offsets for 3 channels" },
        { Model("""{"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 28, 28, 2]}, "name": "i"}""",
            Layer("Flatten", "l", "{}", "i")), "i", "grey ones" },
        { Model("""{"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, null, null, 3]}, "name": "i"}""",
            Layer("Flatten", "l", "{}", "i")), "i", "InputSize" },
        { """{"class_name": "Mine", "config": {}}""", null, "Python code" },
        { """{"class_name": "Sequential", "config": {"name": "s", "layers": []}}""", null, "without layers" },
        { """{"class_name": "Functional", "config": {"name": "f", "layers": []}}""", null, "input_layers" },
        { """{"class_name": "Functional", "config": 3}""", null, "Python code" },
        { "[]", null, "class_name" },
        { "{", null, "not JSON" },
        { new string('[', 5000), null, "not JSON" },
    };

    [Theory, MemberData(nameof(Refused))]
    public void A_wrong_or_unsupported_configuration_is_refused_with_its_layer(string json, string? layer, string reason)
    {
        var e = Assert.Throws<KerasModelException>(() => Read(json));
        Assert.Equal("model.keras", e.File);
        Assert.Equal(layer, e.Layer);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("'model.keras' cannot be run as a Keras model: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_inputs_are_refused_by_their_names()
    {
        var json = Model(Input, Layer("Flatten", "l", "{}", "i"))
            .Replace("""[["i", 0, 0]]""", """[["i", 0, 0], ["left", 0, 0]]""", StringComparison.Ordinal);
        Assert.Contains("2 inputs (i, left)", Assert.Throws<KerasModelException>(() => Read(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deep_chain_of_layers_needs_no_deep_stack()
    {
        var layers = Enumerable.Range(0, 10_000)
            .Select(n => Layer("Activation", $"a{n}", """{"activation": "relu"}""", n == 0 ? "i" : $"a{n - 1}"));
        Assert.Equal(10_001, Read(Model([Input, .. layers])).Graph.Layers.Length);
    }

    [Fact]
    public void A_nested_model_that_is_called_again_and_again_has_a_budget()
    {
        // Each model calls the one inside twice, so 20 levels would be a million layers.
        var model = Model(Input, Layer("Activation", "a", """{"activation": "relu"}""", "i"));
        for (var level = 0; level < 20; level++)
        {
            var inner = model.Replace("\"name\": \"f\"", $"\"name\": \"f{level}\"", StringComparison.Ordinal);
            model = Model(Input, inner[..^1]
                + $$""", "name": "f{{level}}", "inbound_nodes": [[["i", 0, 0, {}]], [["f{{level}}", 1, 0, {}]]]}""",
                Layer("Activation", "a", """{"activation": "relu"}""", $"f{level}", call: 2));
        }
        Assert.Contains("50,000", Assert.Throws<KerasModelException>(() => Read(model)).Message, StringComparison.Ordinal);
    }

    private static ConfigGraph Read(string json)
    {
        var model = ConfigReader.Read("model.keras", json);
        return GraphReader.Read("model.keras", model, null);
    }

    private static string Layer(string type, string name, string config, string input, int call = 0, string? registered = null)
    {
        var settings = config == "{}" ? "" : ", " + config[1..^1];
        var custom = registered is null ? "null" : $"\"{registered}\"";
        return $$"""
            {"class_name": "{{type}}", "config": { "name": "{{name}}"{{settings}} }, "name": "{{name}}",
             "registered_name": {{custom}}, "inbound_nodes": [[["{{input}}", {{call}}, 0, { }]]]}
            """;
    }

    private static string Model(params string[] layers) =>
        $$"""
        {"class_name": "Functional", "config": { "name": "f", "layers": [{{string.Join(", ", layers)}}],
         "input_layers": [["i", 0, 0]], "output_layers": [["{{Last(layers)}}", 0, 0]] } }
        """;

    private static string Last(string[] layers)
    {
        using var json = System.Text.Json.JsonDocument.Parse(layers[^1]);
        return json.RootElement.GetProperty("name").GetString()!;
    }
}
