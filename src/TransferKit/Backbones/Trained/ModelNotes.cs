using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Common;
using TransferKit.Graph;

namespace TransferKit.Backbones.Trained;

/// <summary>
/// Notes what a trained model needs beyond its network and weights: labels, task and the preparation of images. It is a JSON file beside
/// the weights, <c>cats.keras.json</c>.
/// </summary>
internal record ModelNotes
{
    private const int Version = 1;

    // Missing, repeated and misspelt entries are errors: a silent default would give other numbers.
    private static readonly ModelNotesJson Json = new(new JsonSerializerOptions
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

    private static readonly ModelNotesJson FormatJson =
        new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower });

    internal sealed record FormatEntry(int Format = Version);

    // A file without the entry keeps this value, which the generated serializer would overwrite if it could only be initialised.
    public int Format { get; set; } = Version;
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

    public static string PathBeside(string weights) => weights + ".json";

    public void Save(string weights) =>
        AtomicFile.Write(PathBeside(weights), stream => JsonSerializer.Serialize(stream, this, GetType(), Json));

    public string ToJson() => JsonSerializer.Serialize(this, GetType(), Json);

    /// <summary>
    /// Reads the notes beside a whole model; null if there are none. The description of a trained application is notes too. A list of
    /// labels, which others write beside a model, is none.
    /// </summary>
    /// <exception cref="KerasModelException">The notes are damaged.</exception>
    public static ModelNotes? ReadBeside(string weights)
    {
        var path = PathBeside(weights);
        if (!File.Exists(path))
            return null;
        try
        {
            if (InputFile.ReadAllBytes(path, TrainedLimits.Bytes).AsSpan().IndexOf("\"format\""u8) < 0)
                return null;
            var read = TrainedDescription.IsBeside(weights) ? Read<TrainedDescription>(path) : Read<ModelNotes>(path);
            return TrainedLimits.Problem(read) is { } problem ? throw new JsonException(problem) : read;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new KerasModelException(weights, null, $"the notes beside it, '{path}', cannot be read: {e.Message}", e);
        }
    }

    /// <exception cref="JsonException">The file is too large, of another format, or lacks entries.</exception>
    protected static T Read<T>(string path)
        where T : ModelNotes
    {
        using var file = InputFile.Open(path);
        if (file.Length > TrainedLimits.Bytes)
            throw new JsonException($"it has {file.Length:N0} bytes; the limit is {TrainedLimits.Bytes:N0}.");
        // The format comes first, because a later one may have entries that this version does not know.
        if (JsonSerializer.Deserialize(file, FormatJson.FormatEntry) is { Format: not Version and var format })
            throw new JsonException($"its format is {format}; this version of TransferKit reads format {Version}.");
        file.Position = 0;
        return (T?)JsonSerializer.Deserialize(file, typeof(T), Json) ?? throw new JsonException("it is empty.");
    }

    /// <summary>Creates the notes of a model of other pictures, labels or task.</summary>
    public static ModelNotes Of(IReadOnlyList<string> labels, ModelTask task, PreprocessMode preprocess, ImageLoadOptions images) => new()
    {
        Labels = [.. labels],
        Task = task,
        Preprocess = preprocess,
        Interpolation = images.Interpolation,
        ExifOrientation = images.Decode.ApplyExifOrientation,
        Draft = images.Decode.Draft ? true : null,
        DctMethod = images.Decode.DctMethod,
        Resize = images.Resize == ResizeMethod.LoadImg ? null : images.Resize,
        AspectRatio = images.AspectRatio == TransferKit.AspectRatio.Stretch ? null : images.AspectRatio,
        ColorMode = images.ColorMode == TransferKit.ColorMode.Rgb ? null : images.ColorMode,
    };

    private static JsonStringEnumConverter<T> ByName<T>() where T : struct, Enum =>
        new(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
}

[JsonSerializable(typeof(ModelNotes))]
[JsonSerializable(typeof(TrainedDescription))]
[JsonSerializable(typeof(ModelNotes.FormatEntry))]
internal sealed partial class ModelNotesJson : JsonSerializerContext;
