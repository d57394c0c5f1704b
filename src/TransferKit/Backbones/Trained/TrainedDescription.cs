using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Common;
using TransferKit.Graph;

namespace TransferKit.Backbones.Trained;

/// <summary>
/// Describes a trained model beyond its weights: backbone, head, labels and the preparation of images. It is a JSON file beside the
/// weights, <c>cats.h5.json</c>.
/// </summary>
internal sealed record TrainedDescription
{
    private const int Version = 1;

    // Missing, repeated and misspelt entries are errors: a silent default would give other numbers.
    private static readonly TrainedDescriptionJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            ByName<Pooling>(), ByName<ModelTask>(), ByName<PreprocessMode>(), ByName<Interpolation>(), ByName<ResizeMethod>(),
            ByName<AspectRatio>(), ByName<ColorMode>(), ByName<DctMethod>(),
        },
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    });

    private static readonly TrainedDescriptionJson FormatJson =
        new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower });

    internal sealed record FormatEntry(int Format = Version);

    // A file without the entry keeps this value, which the generated serializer would overwrite if it could only be initialised.
    public int Format { get; set; } = Version;
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

    /// <summary>Gets whether JPEGs were scaled during decoding; null, which is not written, if they were not.</summary>
    public bool? Draft { get; init; }

    /// <summary>Gets the Keras function of the resize; null, which is not written, for <c>load_img</c>.</summary>
    public ResizeMethod? Resize { get; init; }

    /// <summary>Gets the handling of other proportions; null, which is not written, for stretching.</summary>
    public AspectRatio? AspectRatio { get; init; }

    /// <summary>Gets the colours; null, which is not written, for RGB.</summary>
    public ColorMode? ColorMode { get; init; }

    /// <summary>Gets the transform of JPEGs; null, which is not written, for the one that <see cref="Resize"/> implies.</summary>
    public DctMethod? DctMethod { get; init; }

    [JsonIgnore]
    public ImageLoadOptions Images => new()
    {
        Resize = Resize ?? default,
        Interpolation = Interpolation,
        AspectRatio = AspectRatio ?? default,
        ColorMode = ColorMode ?? default,
        Decode = new() { ApplyExifOrientation = ExifOrientation, Draft = Draft ?? false, DctMethod = DctMethod },
    };

    /// <summary>Gets the number of outputs. A binary model has one for its two classes.</summary>
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

    /// <summary>Builds the backbone and its head as one graph. The backbone's layers are those of <paramref name="plan"/>.</summary>
    public LayerGraph BuildGraph(BackbonePlan plan)
    {
        var builder = new GraphBuilder(InputSize[0], InputSize[1]);
        var features = plan.Architecture.Write(builder, plan.Build);
        return new(plan.Graph.Name, HeadSpec.Parse(Head).Write(builder, features, OutputCount, OutputActivation));
    }

    public static string PathBeside(string weights) => weights + ".json";

    public void Save(string weights) =>
        AtomicFile.Write(PathBeside(weights), stream => JsonSerializer.Serialize(stream, this, Json.TrainedDescription));

    public string ToJson() => JsonSerializer.Serialize(this, Json.TrainedDescription);

    /// <summary>Gets whether a weight file has a description beside it. One that cannot be read counts, so that loading says why.</summary>
    public static bool IsBeside(string weights)
    {
        if (!File.Exists(PathBeside(weights)))
            return false;
        try
        {
            return InputFile.ReadAllBytes(PathBeside(weights), TrainedLimits.Bytes).AsSpan().IndexOf("\"backbone\""u8) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Reads the description beside a weight file and builds the network that it describes.</summary>
    /// <exception cref="FileNotFoundException">The weight file does not exist.</exception>
    /// <exception cref="TrainedModelException">The description is missing, corrupt, or describes an impossible model.</exception>
    public static (TrainedDescription Description, Network Network) Load(string weights)
    {
        var path = PathBeside(weights);
        if (!File.Exists(weights))
            throw new FileNotFoundException($"The model '{Printable.Of(weights)}' does not exist.", weights);
        try
        {
            using var file = InputFile.Open(path);
            if (file.Length > TrainedLimits.Bytes)
                throw new JsonException($"it has {file.Length:N0} bytes; the limit is {TrainedLimits.Bytes:N0}.");
            // The format comes first, because a later one may have entries that this version does not know.
            if (JsonSerializer.Deserialize(file, FormatJson.FormatEntry) is { Format: not Version and var format })
                throw new JsonException($"its format is {format}; this version of TransferKit reads format {Version}.");
            file.Position = 0;
            var read = JsonSerializer.Deserialize(file, Json.TrainedDescription) ?? throw new JsonException("it is empty.");
            if (TrainedLimits.Problem(read) is { } problem)
                throw new JsonException(problem);
            return (read, TrainedModel.Describe(read));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TrainedModelException(
                weights, $"its description '{path}' is missing. Copy it too: TransferKit.Training writes it beside the weights.", e);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new TrainedModelException(weights, $"its description '{path}' cannot be read: {e.Message}", e);
        }
        // The caller did not write the description, so its wrong values are a corrupt file and not misuse of the API.
        catch (Exception e) when (
            e is ArgumentException or FormatException or OverflowException or UnknownNameException or BackboneOptionsException)
        {
            throw new TrainedModelException(weights, $"its description '{path}' does not describe a valid model: {e.Message}", e);
        }
    }

    private static JsonStringEnumConverter<T> ByName<T>() where T : struct, Enum =>
        new(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
}

[JsonSerializable(typeof(TrainedDescription))]
[JsonSerializable(typeof(TrainedDescription.FormatEntry))]
internal sealed partial class TrainedDescriptionJson : JsonSerializerContext;
