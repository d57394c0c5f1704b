using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace TransferKit.PublicApi.Tests;

/// <summary>Finds the options of an assembly by reflection, gives each a value that is not its default, and binds it from JSON.</summary>
/// <param name="assembly">The assembly.</param>
/// <param name="ofCode">The options that are code, <c>Type.Option</c>: a configuration file has no text for them.</param>
/// <param name="samples">For types that only this assembly has: how a value is written, and the value.</param>
internal sealed class BoundOptions(Assembly assembly, string[] ofCode, Dictionary<Type, (string Json, object Value)> samples)
{
    private static readonly Dictionary<Type, (string Json, object Value)> Common = new()
    {
        [typeof(int)] = ("7", 7),
        [typeof(long)] = ("7", 7L),
        [typeof(double)] = ("0.25", 0.25),
        [typeof(TimeSpan)] = ("\"00:00:07\"", TimeSpan.FromSeconds(7)),
        [typeof(string)] = ("\"/some/where\"", "/some/where"),
        [typeof(ImageSize)] = ("\"96x64\"", new ImageSize(96, 64)),
        [typeof(CropFrom)] = ("\"256\"", CropFrom.ShortestEdge(256)),
        [typeof(Weights)] = ("\"/x/y.h5\"", Weights.File("/x/y.h5")),
        [typeof(IReadOnlyList<double>)] = ("[0.25, 0.5, 0.75]", new[] { 0.25, 0.5, 0.75 }),
        [typeof(IReadOnlyList<string>)] = ("""["one", "two"]""", new[] { "one", "two" }),
        [typeof(IReadOnlyList<Weights>)] = ("""["/x/y.h5"]""", new[] { Weights.File("/x/y.h5") }),
        [typeof(IReadOnlyDictionary<string, double>)] = ("""{ "cat": 0.25 }""", new Dictionary<string, double> { ["cat"] = 0.25 }),
    };

    public IEnumerable<Type> Types => assembly.GetExportedTypes().Where(IsOptions);

    public void AssertAllAreBound(Type type)
    {
        var (json, expected) = Another(type, Activator.CreateInstance(type)!);

        var bound = Configuration(json).Get(type, o => o.ErrorOnUnknownConfiguration = true)!;

        AssertEqual(type.Name, expected, bound);
    }

    public static T Bind<T>(string json) => Configuration(JsonNode.Parse(json)!).Get<T>(o => o.ErrorOnUnknownConfiguration = true)!;

    public static bool IsOptions(Type type) =>
        type is { IsClass: true, IsAbstract: false }
        && (type.Name.EndsWith("Options", StringComparison.Ordinal) || type == typeof(Calibration) || type == typeof(PixelScaling));

    // Options are properties with a setter; init accessors count.
    private IEnumerable<PropertyInfo> Options(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.SetMethod is { IsPublic: true } && !ofCode.Contains($"{type.Name}.{p.Name}"));

    private (JsonObject Json, object Value) Another(Type type, object? defaults)
    {
        var (json, value) = (new JsonObject(), Activator.CreateInstance(type)!);
        foreach (var option in Options(type))
        {
            var (text, other) = AnotherValue(
                $"{type.Name}.{option.Name}", option.PropertyType, defaults is null ? null : option.GetValue(defaults));
            json.Add(option.Name, text);
            option.SetValue(value, other);
        }
        return (json, value);
    }

    private (JsonNode Json, object Value) AnotherValue(string name, Type type, object? known)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (IsOptions(type))
            return Another(type, known);
        if (type == typeof(bool))
            return (known is not true, known is not true);
        if (type.IsEnum)
        {
            var other = Enum.GetValues(type).Cast<object>().First(v => !v.Equals(known));
            return (other.ToString()!, other);
        }
        Assert.True(Common.TryGetValue(type, out var sample) || samples.TryGetValue(type, out sample),
            $"{name} is of type {type}: make the type bind from text and add a sample of it, or add the option to those that are code.");
        return (JsonNode.Parse(sample.Json)!, sample.Value);
    }

    private void AssertEqual(string path, object? expected, object? found)
    {
        Assert.True(found is not null, $"{path} is not bound.");
        if (IsOptions(expected!.GetType()))
        {
            foreach (var option in Options(expected.GetType()))
                AssertEqual($"{path}.{option.Name}", option.GetValue(expected), option.GetValue(found));
            return;
        }
        Assert.True(Text(expected) == Text(found), $"{path} is {Text(found)}, and the file says {Text(expected)}.");
    }

    // Types that bind from text say all that they are in their text.
    private static string? Text(object? value) =>
        value is IEnumerable and not string ? string.Join(", ", ((IEnumerable)value).Cast<object>()) : value?.ToString();

    public static IConfiguration Configuration(JsonNode json) =>
        new ConfigurationBuilder()
            .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(new JsonObject { ["TransferKit"] = json.DeepClone() }.ToJsonString())))
            .Build().GetSection("TransferKit");
}
