using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TransferKit.Architectures;
using TransferKit.Configs.Writing;

namespace TransferKit.Tests.Configs;

/// <summary>
/// Compares the configurations that TransferKit writes with those that Keras 3 saves for the same applications
/// (<c>tests/goldens/configs</c>): every layer, key, default and connection.
/// </summary>
public class WrittenConfigTests
{
    private static readonly Dictionary<string, string> Keras =
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Goldens.Path("configs", "keras.json")))!;

    // A network of the registry that Keras does not have has no such account.
    public static TheoryData<string> Names => [.. Registry.All.Select(a => a.KerasName).Where(name => Keras.ContainsKey($"{name} top"))];

    [Fact]
    public void Every_account_of_Keras_is_of_a_network_here() => Assert.Equal(Keras.Count, 2 * Names.Count);

    [Theory, MemberData(nameof(Names))]
    public void An_application_is_written_as_Keras_saves_it(string name)
    {
        var architecture = Registry.All.Single(a => a.KerasName == name);
        foreach (var includeTop in (bool[])[true, false])
        {
            var graph = architecture.Build(new()
            {
                InputSize = (96, 96),
                IncludeTop = includeTop,
                Classes = 10,
                Pooling = !includeTop && name.Length % 2 == 1 ? Pooling.Avg : Pooling.None,
                Alpha = name switch { "MobileNet" or "MobileNetV2" => 0.5, "MobileNetV3Small" or "MobileNetV3Large" => 0.75, _ => null },
            });
            var written = ModelConfigWriter.Write(graph, ConfigForm.Keras3);
            written["compile_config"] = new JsonObject();
            // Keras' names of its models hold the width and the size in some families.
            written["config"]!["name"] = "";
            var text = Canonical(written);
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
            if (hash == Keras[$"{name} {(includeTop ? "top" : "notop")}"])
                continue;
            var path = Path.Combine(Path.GetTempPath(), $"transferkit-config-{name}{(includeTop ? "" : "_notop")}.json");
            File.WriteAllText(path, written.ToJsonString());
            Assert.Fail($"{name} (top: {includeTop}) is written otherwise than by Keras: {path}");
        }
    }

    [Fact]
    public void A_number_an_axis_and_the_order_of_keys_are_compared_by_meaning()
    {
        Assert.Equal(
            Canonical(JsonNode.Parse("{\"axis\": -1, \"b\": 1, \"a\": [1e-6, null, true]}")!),
            Canonical(JsonNode.Parse("{\"a\": [0.000001, null, true], \"b\": 1.0, \"axis\": [3]}")!));
        Assert.NotEqual(Canonical(JsonNode.Parse("{\"a\": 1}")!), Canonical(JsonNode.Parse("{\"a\": 2}")!));
    }

    // The same text as canonical() of make.py.
    private static string Canonical(JsonNode? value) => value switch
    {
        null => "n",
        JsonObject entries =>
            $"{{{string.Join(',', entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}:{Entry(entries, e)}"))}}}",
        JsonArray items => $"[{string.Join(',', items.Select(Canonical))}]",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.True => "t",
            JsonValueKind.False => "f",
            JsonValueKind.String => $"'{value.GetValue<string>()}'",
            _ => $"#{BitConverter.DoubleToInt64Bits(double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture)):x16}",
        },
    };

    private static string Entry(JsonObject holder, KeyValuePair<string, JsonNode?> entry)
    {
        if (entry.Key == "axis")
            return "'channels'";
        if (entry.Key == "name" && holder["batch_shape"] is not null && holder["name"]!.GetValue<string>().EndsWith(
            "_input", StringComparison.Ordinal))
        {
            return "''";
        }

        return Canonical(entry.Value);
    }
}
