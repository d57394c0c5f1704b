using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using TransferKit.Imaging;
using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

/// <summary>Every option can be written in a configuration file, and none is passed over. The options are found by reflection, so that a new one cannot be forgotten.</summary>
public class OptionBindingTests
{
    /// <summary>Options that are code: a configuration file has no text for them.</summary>
    private static readonly string[] OfCode =
    [
        "BackboneOptions.ConfigureSession", "Calibration.Progress", "ImageLoadOptions.Decoder", "WeightStoreOptions.HttpClient", "WeightStoreOptions.LoggerFactory",
    ];

    public static TheoryData<Type> OptionTypes => [.. typeof(Backbone).Assembly.GetExportedTypes().Where(IsOptions)];

    [Theory]
    [MemberData(nameof(OptionTypes))]
    public void Every_option_is_bound_from_json(Type type)
    {
        var defaults = Activator.CreateInstance(type)!;
        var (json, expected) = Another(type, defaults);

        var bound = Configuration(json).Get(type, o => o.ErrorOnUnknownConfiguration = true)!;

        AssertEqual(type.Name, expected, bound);
    }

    [Theory]
    [MemberData(nameof(OptionTypes))]
    public void Options_are_sealed_records(Type type)
    {
        Assert.SkipWhen(type == typeof(ImageLoadOptions) || type == typeof(ImageDecodeOptions), "How pictures are read is a class.");
        Assert.True(type.IsSealed, type.Name);
        Assert.NotNull(type.GetMethod("<Clone>$"));
    }

    [Fact]
    public void Options_that_are_code_are_those_that_are_known() =>
        Assert.Equal(OfCode, OptionTypes.SelectMany(row => Options(row.Data).Where(p => IsCode(p.PropertyType)).Select(p => $"{row.Data.Name}.{p.Name}")).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("""{ "Weights": "/x/y.h5" }""", "/x/y.h5")]
    [InlineData("""{ "Weights": "none" }""", "random (seed 0)")]
    [InlineData("""{ "Weights": "ImageNet" }""", "imagenet")]
    public void Weights_are_text(string json, string weights) =>
        Assert.Equal(Weights.FromString(weights.StartsWith("random", StringComparison.Ordinal) ? "none" : weights), Bind<BackboneOptions>(json).Weights);

    [Theory]
    [InlineData("""{ "InputSize": { "Height": 96, "Width": 64 } }""")]
    [InlineData("""{ "InputSize": "96x64" }""")]
    [InlineData("""{ "InputSize": "96,64" }""")]
    [InlineData("""{ "InputSize": "96 x 64" }""")]
    public void A_size_is_height_and_width_in_this_order(string json) => Assert.Equal(new ImageSize(96, 64), Bind<BackboneOptions>(json).InputSize);

    [Theory]
    [InlineData("""{ "InputSize": "96" }""")]
    [InlineData("""{ "InputSize": "96x64x3" }""")]
    [InlineData("""{ "InputSize": "wide" }""")]
    [InlineData("""{ "InputSize": [96, 64] }""")]
    [InlineData("""{ "Weights": { "Path": "/x/y.h5" } }""")]
    [InlineData("""{ "Weight": "/x/y.h5" }""")]
    [InlineData("""{ "Pooling": "mean" }""")]
    [InlineData("""{ "Classes": "ten" }""")]
    public void What_does_not_bind_is_an_error(string json) =>
        Assert.Throws<InvalidOperationException>(() => Configuration(json).Get<BackboneOptions>(o => o.ErrorOnUnknownConfiguration = true));

    [Fact]
    public void The_example_in_the_documentation_binds()
    {
        var page = File.ReadAllText(Goldens.Path("..", "..", "docs", "getting-started.md"));

        var options = Bind<BackboneOptions>(page.Split("```json")[1].Split("```")[0]);

        Assert.Equal((new ImageSize(480, 640), Precision.Int8, "/srv/keras"), (options.InputSize, options.Precision, options.Store?.CacheDirectory));
        Assert.Equal("/srv/pictures", options.Calibration?.Directory);
    }

    [Theory]
    [InlineData("480x640", 480, 640)]
    [InlineData("480X640", 480, 640)]
    [InlineData("480,640", 480, 640)]
    public void A_size_parses_height_first(string text, int height, int width)
    {
        Assert.Equal(new ImageSize(height, width), ImageSize.Parse(text));
        Assert.Equal(text.ToLowerInvariant().Replace(',', 'x'), ImageSize.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("480")]
    [InlineData("-480x640")]
    [InlineData("480x")]
    [InlineData("480x640x3")]
    public void What_is_no_size_is_refused(string text)
    {
        Assert.False(ImageSize.TryParse(text, null, out var size));
        Assert.Equal(default, size);
        Assert.Throws<FormatException>(() => ImageSize.Parse(text));
    }

    private static bool IsOptions(Type type) => type is { IsClass: true, IsAbstract: false } && (type.Name.EndsWith("Options", StringComparison.Ordinal) || type == typeof(Calibration));

    // What has a setter; init accessors count.
    private static IEnumerable<PropertyInfo> Options(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is { IsPublic: true });

    private static bool IsCode(Type type) => typeof(Delegate).IsAssignableFrom(type) || type == typeof(HttpClient)
        || (type.IsInterface && !typeof(IEnumerable).IsAssignableFrom(type));

    /// <summary>An instance of which every option differs from its default, and the JSON that says so.</summary>
    private static (JsonObject Json, object Value) Another(Type type, object? defaults)
    {
        var (json, value) = (new JsonObject(), Activator.CreateInstance(type)!);
        foreach (var option in Options(type).Where(o => !IsCode(o.PropertyType)))
        {
            var (text, other) = AnotherValue(option.PropertyType, defaults is null ? null : option.GetValue(defaults));
            json.Add(option.Name, text);
            option.SetValue(value, other);
        }
        return (json, value);
    }

    private static (JsonNode Json, object Value) AnotherValue(Type type, object? known)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
        {
            var other = Enum.GetValues(type).Cast<object>().First(v => !v.Equals(known));
            return (other.ToString()!, other);
        }
        if (type == typeof(bool))
            return (known is not true, known is not true);
        if (type == typeof(int))
            return (7, 7);
        if (type == typeof(long))
            return (7L, 7L);
        if (type == typeof(double))
            return (0.25, 0.25);
        if (type == typeof(TimeSpan))
            return ("00:00:07", TimeSpan.FromSeconds(7));
        if (type == typeof(string))
            return ("/some/where", "/some/where");
        if (type == typeof(ImageSize))
            return ("96x64", new ImageSize(96, 64));
        if (type == typeof(Weights))
            return ("/x/y.h5", Weights.File("/x/y.h5"));
        if (type == typeof(IReadOnlyList<string>))
            return (new JsonArray("one", "two"), new[] { "one", "two" });
        if (type == typeof(IReadOnlyList<Weights>))
            return (new JsonArray("/x/y.h5"), new[] { Weights.File("/x/y.h5") });
        Assert.True(IsOptions(type), $"An option of type {type} is new: teach this test a value of it, and the type to bind from text.");
        return Another(type, known);
    }

    private static void AssertEqual(string path, object? expected, object? found)
    {
        if (expected is not null && IsOptions(expected.GetType()))
        {
            foreach (var option in Options(expected.GetType()).Where(o => !IsCode(o.PropertyType)))
                AssertEqual($"{path}.{option.Name}", option.GetValue(expected), option.GetValue(found));
        }
        else if (expected is IEnumerable and not string)
        {
            Assert.Equal(((IEnumerable)expected).Cast<object>(), ((IEnumerable)found!).Cast<object>());
        }
        else
        {
            Assert.True(Equals(expected, found), $"{path} is {found}, and the file says {expected}.");
        }
    }

    private static T Bind<T>(string json) => Configuration(JsonNode.Parse(json)!).Get<T>(o => o.ErrorOnUnknownConfiguration = true)!;

    private static IConfiguration Configuration(string json) => Configuration(JsonNode.Parse(json)!);

    private static IConfiguration Configuration(JsonNode json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(new JsonObject { ["TransferKit"] = json.DeepClone() }.ToJsonString()))).Build().GetSection("TransferKit");
}
