using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using TransferKit.Common;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit.Quantization;

/// <summary>What calibration found: all that turns a float model into its int8 form.</summary>
internal sealed record Int8Recipe
{
    /// <summary>Changes whenever the same images would give another recipe.</summary>
    private const int Version = 2;

    public required string Key { get; init; }

    /// <summary>The ranges of the model's values, by their names.</summary>
    public required Dictionary<string, ValueRange> Ranges { get; init; }

    /// <summary>The means of the channels of those that are maps.</summary>
    public required Dictionary<string, float[]> Means { get; init; }

    /// <summary>Those of the values whose channels are brought to a like range.</summary>
    public required Dictionary<string, EqualizedValue> Equalized { get; init; }

    /// <summary>The nodes that compute in floats because bytes hurt there.</summary>
    public required List<string> Floats { get; init; }

    /// <summary>The XXH128 of all else, so that a damaged file is not taken for a calibration.</summary>
    public string? Seal { get; init; }

    /// <summary>
    /// What makes a recipe this one: the float model with its weights, and the images as it takes them. The nodes with their constants and the
    /// recipes of all tensors say what the model computes, so that a recipe outlives the build that made it.
    /// </summary>
    public static string KeyOf(OnnxModel model, IWeightSource weights, PreprocessMode preprocess, string calibration)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(weights.Fingerprint);
        hash.AppendData(model.Proto.ToByteArray());
        foreach (var tensor in model.Weights)
            Append($"{tensor.Name} ({string.Join(", ", tensor.Dimensions)}) {tensor.Recipe}");
        return $"{Version} {Convert.ToHexStringLower(hash.GetHashAndReset())} {preprocess} {calibration}";

        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(MemoryMarshal.AsBytes([(long)bytes.Length]));
            hash.AppendData(bytes);
        }
    }

    public OnnxModel Apply(OnnxModel model) => Int8Writer.Write(Int8Plan.Of(model, Floats.ToHashSet()), this);

    /// <summary>The recipe kept in a file; null where there is none of that key that can be read.</summary>
    public static Int8Recipe? TryLoad(string path, string key)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, Int8RecipeJson.Default.Int8Recipe) is { } recipe && recipe.Key == key && recipe.Seal == recipe.Sealed().Seal
                ? recipe
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps it for the next start, if the disk takes it: without, the next start calibrates again.</summary>
    public void TrySave(string path)
    {
        try
        {
            PrivateFolder.Create(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, Sealed(), Int8RecipeJson.Default.Int8Recipe));
        }
        catch (Exception e) when (e is OutputFileException or IOException or UnauthorizedAccessException)
        {
        }
    }

    private Int8Recipe Sealed()
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(this with { Seal = null }, Int8RecipeJson.Default.Int8Recipe);
        return this with { Seal = Convert.ToHexStringLower(XxHash128.Hash(text)) };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Int8Recipe))]
internal sealed partial class Int8RecipeJson : JsonSerializerContext;
