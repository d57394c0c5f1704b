using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TransferKit.Fuzz.Weights;

/// <summary>
/// The configuration of a whole model, by its structure: classes of other kinds, connections that loop, shapes and sizes that lie, models
/// nested deeply or in themselves, keys dropped and doubled.
/// </summary>
internal static class ConfigMutator
{
    private const string Config = "config.json", Weights = "model.weights.h5";

    // What a text becomes deeper than is no test of a reader: the parser ends it.
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = 4000 };
    private static readonly JsonDocumentOptions DeepDocument = new() { MaxDepth = 4000 };

    private static readonly string[] Classes =
    [
        "InputLayer", "Dense", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose", "MaxPooling2D", "AveragePooling2D",
        "GlobalAveragePooling2D", "GlobalMaxPooling2D", "Flatten", "Reshape", "Permute", "Dropout", "BatchNormalization",
        "LayerNormalization", "GroupNormalization", "UnitNormalization", "Normalization", "Activation", "PReLU", "LeakyReLU", "ELU",
        "Softmax", "ReLU", "Add", "Subtract", "Multiply", "Average", "Concatenate", "Dot", "ZeroPadding2D", "Cropping2D", "UpSampling2D",
        "Resizing", "CenterCrop", "Rescaling", "RandomFlip", "Lambda", "Functional", "Sequential", "Model", "TFOpLambda", "GetItem",
        "Stack", "TrueDivide", "Mean", "MultiHeadAttention", "MyLayer", "", "__keras_tensor__",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "\"\"", "\"same\"", "\"valid\"", "\"channels_first\"", "\"relu\"", "\"\\u0000\"", "[]", "{}", "[null]",
        "[0, 0]", "[1, 1]", "[[0, 0], [0, 0]]", "[[1000000, 0], [0, 1000000]]", "[-1, -1]", "[null, null, null, 3]", "[null, 1, 1, 3]",
        "[null, 16384, 16384, 3]", "[2147483647, 2147483647]", "[3, 2, 1]", "1e308", "-0.0", "1e-320", "0.5", "-1", "0", "1", "64", "65536",
        "2147483647", "4294967296", "{\"class_name\": \"__tuple__\", \"items\": [1, 2]}", "{\"items\": [[[[1]]]]}",
        "{\"class_name\": \"__slice__\", \"config\": {\"start\": null, \"stop\": null, \"step\": -1}}", "[\"conv\", 0, 0]",
        "[\"conv\", -1, 2147483647]", "{\"class_name\": \"__lambda__\", \"config\": {}}", "[[[]]]",
    ];

    /// <summary>Gets the models to start from: archives of Keras 3, and <c>.h5</c> files packed as archives.</summary>
    public static IEnumerable<byte[]> Seeds(string tests)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(tests, "goldens", "keras-models")).Order(StringComparer.Ordinal))
        {
            if (file.EndsWith(".keras", StringComparison.Ordinal))
                yield return File.ReadAllBytes(file);
            else if (file.EndsWith(".h5.gz", StringComparison.Ordinal))
                yield return FromHdf5(file);
        }
    }

    public static byte[] Mutate(byte[] source, Random random)
    {
        if (Unpack(source) is not var (text, weights) || Parse(text) is not { } config)
            return source;
        for (var rounds = 1 + random.Next(4); rounds > 0; rounds--)
        {
            var all = Places(config);
            if (all.Count == 0)
                break;
            var (parent, key) = all[random.Next(all.Count)];
            switch (random.Next(14))
            {
                case 0: Remove(parent, key); break;
                case 1 or 2: Set(parent, key, JsonNode.Parse(Values[random.Next(Values.Length)])); break;
                case 3: Set(parent, key, Nested(random)); break;
                case 4: Change(all, "class_name", Classes[random.Next(Classes.Length)], random); break;
                case 5 or 6: Reconnect(config, all, random); break;
                case 7 or 8: BendNumber(all, random); break;
                case 9: Set(parent, key, Copy(all, random)); break;
                case 10: Double(parent, key, random); break;
                case 11: Nest(config, random); break;
                case 12: Change(all, "name", Names(all) is { Count: > 0 } names ? names[random.Next(names.Count)] : "x", random); break;
                default: Set(parent, key, new string('x', random.Next(1 << random.Next(12)))); break;
            }
        }
        return Pack(config.ToJsonString(Deep), weights);
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: DeepDocument);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static (string Text, byte[] Weights)? Unpack(byte[] source)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(source));
            return (Encoding.UTF8.GetString(Read(zip, Config)), Read(zip, Weights));
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NullReferenceException)
        {
            return null;
        }
    }

    private static byte[] Read(ZipArchive zip, string name)
    {
        using var stream = zip.GetEntry(name)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static byte[] FromHdf5(string packed)
    {
        using var unpacked = new GZipStream(File.OpenRead(packed), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unpacked.CopyTo(bytes);
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes.ToArray());
            using var file = WeightSources.Files.WeightFile.Open(path);
            return Pack(file.Config!, bytes.ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Pack(string config, byte[] weights)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in new[] { (Config, Encoding.UTF8.GetBytes(config)), (Weights, weights) })
            {
                var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
                // The time of day would make each run's inputs others.
                entry.LastWriteTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var stream = entry.Open();
                stream.Write(bytes);
            }
        }
        return packed.ToArray();
    }

    // Every value below the root, as its holder and its key or index.
    private static List<(JsonNode Parent, string Key)> Places(JsonNode root)
    {
        var places = new List<(JsonNode, string)>();
        var open = new Stack<JsonNode>([root]);
        while (open.TryPop(out var node))
        {
            var children = node switch
            {
                JsonObject o => o.Select(p => (p.Key, p.Value)),
                JsonArray a => a.Select((v, i) => (i.ToString(CultureInfo.InvariantCulture), v)),
                _ => [],
            };
            foreach (var (key, value) in children)
            {
                places.Add((node, key));
                if (value is JsonObject or JsonArray)
                    open.Push(value);
            }
        }
        return places;
    }

    private static JsonNode? Get(JsonNode parent, string key) =>
        parent is JsonObject o ? o[key] : ((JsonArray)parent)[int.Parse(key, CultureInfo.InvariantCulture)];

    private static void Set(JsonNode parent, string key, JsonNode? value)
    {
        if (parent is JsonObject o)
            o[key] = value;
        else
            ((JsonArray)parent)[int.Parse(key, CultureInfo.InvariantCulture)] = value;
    }

    private static void Remove(JsonNode parent, string key)
    {
        if (parent is JsonObject o)
            o.Remove(key);
        else
            ((JsonArray)parent).RemoveAt(int.Parse(key, CultureInfo.InvariantCulture));
    }

    private static void Change(List<(JsonNode Parent, string Key)> all, string key, string value, Random random)
    {
        var places = all.Where(p => p.Key == key).ToArray();
        if (places.Length > 0)
            Set(places[random.Next(places.Length)].Parent, key, value);
    }

    private static List<string> Names(List<(JsonNode Parent, string Key)> all) =>
        [.. all.Where(p => p.Key == "name").Select(p => Get(p.Parent, p.Key)).OfType<JsonValue>().Select(v => v.ToString())];

    // Keras 3 names the read layer in keras_history, Keras 2 in a list of a name and two numbers.
    private static void Reconnect(JsonNode config, List<(JsonNode Parent, string Key)> all, Random random)
    {
        var names = Names(all);
        var ends = all.Select(p => Get(p.Parent, p.Key)).OfType<JsonArray>()
            .Where(a => a.Count is 3 or 4 && a[0] is JsonValue v && v.GetValueKind() == JsonValueKind.String).ToArray();
        if (names.Count == 0 || ends.Length == 0)
            return;
        var end = ends[random.Next(ends.Length)];
        if (random.Next(4) > 0)
            end[0] = names[random.Next(names.Count)];
        else
            end[random.Next(1, 3)] = random.Next(-1, 4);
    }

    private static void BendNumber(List<(JsonNode Parent, string Key)> all, Random random)
    {
        var numbers = all.Where(p => Get(p.Parent, p.Key) is JsonValue v && v.GetValueKind() == JsonValueKind.Number).ToArray();
        if (numbers.Length == 0)
            return;
        var (parent, key) = numbers[random.Next(numbers.Length)];
        Set(parent, key, random.Next(2) == 0 ? ByteMutator.BadNumber(random) : random.Next(-2, 20));
    }

    private static JsonNode? Copy(List<(JsonNode Parent, string Key)> all, Random random)
    {
        var (parent, key) = all[random.Next(all.Count)];
        return Get(parent, key)?.DeepClone();
    }

    private static void Double(JsonNode parent, string key, Random random)
    {
        if (parent is not JsonArray array)
            return;
        var copies = random.Next(8) == 0 ? 200 : 1;
        var item = Get(parent, key);
        if (item?.ToJsonString(Deep).Length > 2000)
            copies = 1;
        for (; copies > 0; copies--)
            array.Add(item?.DeepClone());
    }

    // The whole model becomes the only layer of a sequential model, a few times or very often.
    private static void Nest(JsonNode config, Random random)
    {
        if (config is not JsonObject root || root["config"] is null)
            return;
        for (var depth = random.Next(8) == 0 ? random.Next(60) : 1; depth > 0; depth--)
        {
            var inner = root.DeepClone();
            ((JsonObject)inner)["name"] = "inner";
            root.Clear();
            root["class_name"] = "Sequential";
            root["config"] = new JsonObject { ["name"] = "outer", ["layers"] = new JsonArray(inner) };
        }
    }

    private static JsonNode? Nested(Random random)
    {
        JsonNode? node = null;
        for (var depth = random.Next(200); depth > 0; depth--)
            node = random.Next(2) == 0 ? new JsonArray(node) : new JsonObject { ["config"] = node };
        return node;
    }
}
