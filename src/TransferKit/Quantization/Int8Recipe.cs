using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using TransferKit.Onnx.Plan;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit.Quantization;

/// <summary>The result of calibration, from which a float model is converted to int8.</summary>
internal sealed record Int8Recipe
{
    /// <summary>The version of the calibration. It changes whenever the same images would give a different recipe.</summary>
    private const int Version = 2;

    public required string Key { get; init; }

    /// <summary>The ranges of the model's values by name.</summary>
    public required Dictionary<string, ValueRange> Ranges { get; init; }

    /// <summary>The channel means of values that are maps, by name.</summary>
    public required Dictionary<string, float[]> Means { get; init; }

    /// <summary>The factors of values whose channels are equalized, by name.</summary>
    public required Dictionary<string, EqualizedValue> Equalized { get; init; }

    /// <summary>The names of the nodes that compute in floats, because int8 would lose too much there.</summary>
    public required List<string> Floats { get; init; }

    /// <summary>
    /// Builds the cache key from the float model, its weights and the calibration. The model is described by its nodes, constants and
    /// tensor recipes instead of the library's build, so a new build can reuse a recipe.
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

    /// <summary>Loads a recipe from a file; null if the file is missing or damaged or has another key.</summary>
    public static Int8Recipe? TryLoad(string path, string key) =>
        SealedJson.Read(path, content => content.Deserialize(Int8RecipeJson.Default.Int8Recipe)) is { } recipe && recipe.Key == key
            ? recipe
            : null;

    /// <summary>Saves the recipe if possible. Errors are ignored, because the next start can calibrate again.</summary>
    public void TrySave(string path)
    {
        try
        {
            PrivateFolder.Create(Path.GetDirectoryName(path)!);
            SealedJson.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, Int8RecipeJson.Default.Int8Recipe));
        }
        catch (Exception e) when (e is OutputFileException or IOException or UnauthorizedAccessException)
        {
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Int8Recipe))]
internal sealed partial class Int8RecipeJson : JsonSerializerContext;
