using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Common;
using TransferKit.Graph;

namespace TransferKit.Trained;

/// <summary>
/// What a trained model's weights do not say: its backbone and head, its labels, and how images are prepared. Kept as
/// JSON beside the weights, <c>cats.h5.json</c>.
/// </summary>
internal sealed record TrainedDescription
{
    private const int Version = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public int Format { get; init; } = Version;
    public required string Backbone { get; init; }
    public required int[] InputSize { get; init; }
    public double? Alpha { get; init; }
    public int? DepthMultiplier { get; init; }
    public bool? Minimalistic { get; init; }
    public bool? IncludePreprocessing { get; init; }
    public bool ImageNetWeights { get; init; }
    public Pooling Pooling { get; init; } = Pooling.Avg;
    public required string Head { get; init; }
    public required ModelTask Task { get; init; }
    public required string[] Labels { get; init; }
    public required PreprocessMode Preprocess { get; init; }
    public Interpolation Interpolation { get; init; }
    public bool ExifOrientation { get; init; }

    public ImageLoadOptions Images => new() { Interpolation = Interpolation, Decode = new() { ApplyExifOrientation = ExifOrientation } };

    /// <summary>One output tells two classes apart.</summary>
    public int OutputCount => Task == ModelTask.Binary ? 1 : Labels.Length;

    public ActivationKind? OutputActivation => Task switch
    {
        ModelTask.MultiClass => ActivationKind.Softmax,
        ModelTask.Regression => null,
        _ => ActivationKind.Sigmoid,
    };

    public BackboneOptions BackboneOptions => new()
    {
        IncludeTop = false,
        InputSize = (InputSize[0], InputSize[1]),
        Alpha = Alpha,
        DepthMultiplier = DepthMultiplier,
        Minimalistic = Minimalistic,
        IncludePreprocessing = IncludePreprocessing,
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

    public static TrainedDescription Load(string weights)
    {
        var path = PathBeside(weights);
        if (!File.Exists(weights))
            throw new FileNotFoundException($"The model '{weights}' does not exist.", weights);
        try
        {
            using var file = File.OpenRead(path);
            var read = JsonSerializer.Deserialize<TrainedDescription>(file, Json) ?? throw new JsonException("it is empty.");
            return read.Format == Version && read.InputSize is [> 0, > 0] && read.Labels.Length > 0
                ? read
                : throw new JsonException($"its format is {read.Format}, and this version of TransferKit reads {Version}.");
        }
        catch (FileNotFoundException e)
        {
            throw new TrainedModelException(weights, $"its description '{path}' is missing. TransferKit.Training writes it beside the weights; keep the two together.", e);
        }
        catch (JsonException e)
        {
            throw new TrainedModelException(weights, $"its description '{path}' cannot be read: {e.Message}", e);
        }
    }
}
