using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TransferKit.Fuzz.Weights;

/// <summary>
/// The description beside a trained model's weights, as JSON: values of other kinds and sizes, keys dropped, renamed, doubled.
/// </summary>
internal static class DescriptionMutator
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1", "2147483647", "2147483648", "1e308", "-0.0", "1e-320", "0.35", "33", "100000", "\"\"",
        "\"\\u0000\"", "\"NaN\"", "\"none\"", "[]", "{}", "[null]", "[0, 0]", "[32, 32]", "[1, 1]", "[2147483647, 2147483647]",
        "[65536, 65536]", "[32]", "[32, 32, 3]", "[[1]]", "[\"a\", \"a\"]", "[\"a\", null]", "\"linear\"", "\"flatten\"",
        "\"dense:2147483647\"", "\"dense:1\"", "\"dense:0\"", "\"dropout:1\"", "\"dropout:nan\"", "\"dense:8:softmax\"",
        "\"dense:8,flatten\"", "\"vgg16\"", "\"nasnetlarge\"", "\"mobilenet\"", "\"xception\"", "\"convnext_xlarge\"",
        "\"no_such\"", "\"multi_label\"", "\"regression\"", "\"binary\"", "\"caffe\"", "\"lanczos\"", "\"max\"", "7",
        "[1e9, 1e9]",
    ];

    public static byte[] Mutate(byte[] source, Random random)
    {
        JsonObject description;
        try
        {
            description = JsonNode.Parse(source)!.AsObject();
        }
        catch (JsonException)
        {
            return source;
        }
        var renamed = new List<(string Old, string New)>();
        for (var rounds = 1 + random.Next(3); rounds > 0 && description.Count > 0; rounds--)
        {
            var key = description.ElementAt(random.Next(description.Count)).Key;
            switch (random.Next(8))
            {
                case 0: description.Remove(key); break;
                case 1: description[key] = Nested(random); break;
                case 2: description[key] = new string('x', random.Next(1 << random.Next(16))); break;
                case 3: renamed.Add(($"\"{key}\"", $"\"{description.ElementAt(random.Next(description.Count)).Key}\"")); break;
                case 4: description["labels"] = Labels(random.Next(1 << random.Next(14))); break;
                default: description[key] = JsonNode.Parse(Values[random.Next(Values.Length)]); break;
            }
        }
        var text = description.ToJsonString(new() { MaxDepth = 2000 });
        foreach (var (old, @new) in renamed)
            text = text.Replace(old, @new, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text);
    }

    private static JsonArray Labels(int count) => [.. Enumerable.Range(0, count).Select(i => (JsonNode)$"class {i}")];

    private static JsonNode? Nested(Random random)
    {
        JsonNode? node = null;
        for (var depth = random.Next(100); depth > 0; depth--)
            node = new JsonArray(node);
        return node;
    }
}
