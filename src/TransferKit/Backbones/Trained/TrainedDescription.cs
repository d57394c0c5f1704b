using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Common;
using TransferKit.Graph;

namespace TransferKit.Backbones.Trained;

/// <summary>
/// What a trained model's weights do not say: its backbone and head, its labels, and how images are prepared. Kept as
/// JSON beside the weights, <c>cats.h5.json</c>.
/// </summary>
internal sealed record TrainedDescription
{
    private const int Version = 1;

    // Whatever a description leaves out, repeats or misspells would be replaced by a default in silence; so it is refused.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly JsonSerializerOptions FormatJson = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private sealed record FormatEntry(int Format = Version);

    public int Format { get; init; } = Version;
    public required string Backbone { get; init; }
    public required int[] InputSize { get; init; }
    public double? Alpha { get; init; }
    public int? DepthMultiplier { get; init; }
    public bool? Minimalistic { get; init; }
    public bool? IncludePreprocessing { get; init; }
    public double? DropConnectRate { get; init; }
    public required bool ImageNetWeights { get; init; }
    public required Pooling Pooling { get; init; }
    public required string Head { get; init; }
    public required ModelTask Task { get; init; }
    public required string[] Labels { get; init; }
    public required PreprocessMode Preprocess { get; init; }
    public required Interpolation Interpolation { get; init; }
    public required bool ExifOrientation { get; init; }

    /// <summary>Whether JPEGs were scaled while they were decoded; written only where they were.</summary>
    public bool? FastDecode { get; init; }

    [JsonIgnore]
    public ImageLoadOptions Images => new()
    {
        Interpolation = Interpolation,
        Decode = new() { ApplyExifOrientation = ExifOrientation, Fast = FastDecode ?? false },
    };

    /// <summary>One output tells two classes apart.</summary>
    [JsonIgnore]
    public int OutputCount => Task == ModelTask.Binary ? 1 : Labels.Length;

    [JsonIgnore]
    public ActivationKind? OutputActivation => Task switch
    {
        ModelTask.MultiClass => ActivationKind.Softmax,
        ModelTask.Regression => null,
        _ => ActivationKind.Sigmoid,
    };

    [JsonIgnore]
    public BackboneOptions BackboneOptions => new()
    {
        IncludeTop = false,
        InputSize = (InputSize[0], InputSize[1]),
        Alpha = Alpha,
        DepthMultiplier = DepthMultiplier,
        Minimalistic = Minimalistic,
        IncludePreprocessing = IncludePreprocessing,
        DropConnectRate = DropConnectRate,
        Pooling = Pooling,
        Weights = ImageNetWeights ? Weights.ImageNet : Weights.None,
    };

    /// <summary>The backbone and the head behind it, as one graph; the backbone's layers are those of <paramref name="plan"/>.</summary>
    public LayerGraph BuildGraph(BackbonePlan plan)
    {
        var builder = new GraphBuilder(InputSize[0], InputSize[1]);
        var features = plan.Architecture.Write(builder, plan.Build);
        return new(plan.Graph.Name, HeadSpec.Parse(Head).Write(builder, features, OutputCount, OutputActivation));
    }

    public static string PathBeside(string weights) => weights + ".json";

    public void Save(string weights) => AtomicFile.Write(PathBeside(weights), stream => JsonSerializer.Serialize(stream, this, Json));

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads the description beside a weight file, and builds what it describes.</summary>
    /// <exception cref="FileNotFoundException">There is no such weight file.</exception>
    /// <exception cref="TrainedModelException">The description is missing, damaged, or describes no model that can be.</exception>
    public static (TrainedDescription Description, Network Network) Load(string weights)
    {
        var path = PathBeside(weights);
        if (!File.Exists(weights))
            throw new FileNotFoundException($"The model '{weights}' does not exist.", weights);
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > TrainedLimits.Bytes)
                throw new JsonException($"it has {file.Length:N0} bytes, and no description has more than {TrainedLimits.Bytes:N0}.");
            // First, since a later format may have entries that this one does not know.
            if (JsonSerializer.Deserialize<FormatEntry>(file, FormatJson) is { Format: not Version and var format })
                throw new JsonException($"its format is {format}, and this version of TransferKit reads {Version}.");
            file.Position = 0;
            var read = JsonSerializer.Deserialize<TrainedDescription>(file, Json) ?? throw new JsonException("it is empty.");
            if (TrainedLimits.Problem(read) is { } problem)
                throw new JsonException(problem);
            return (read, TrainedModel.Describe(read));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TrainedModelException(weights, $"its description '{path}' is missing. TransferKit.Training writes it beside the weights; keep the two together.", e);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new TrainedModelException(weights, $"its description '{path}' cannot be read: {e.Message}", e);
        }
        // The description is somebody else's text: what would be misuse of the caller's is damage here.
        catch (Exception e) when (
            e is ArgumentException or FormatException or OverflowException or UnknownNameException or BackboneOptionsException)
        {
            throw new TrainedModelException(weights, $"its description '{path}' describes no model: {e.Message}", e);
        }
    }
}
