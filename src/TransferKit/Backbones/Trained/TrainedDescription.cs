using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Common;
using TransferKit.Graph;

namespace TransferKit.Backbones.Trained;

/// <summary>
/// Describes a trained model beyond its weights: backbone, head, labels and the preparation of images. It is a JSON file beside the
/// weights, <c>cats.h5.json</c>.
/// </summary>
internal sealed record TrainedDescription : ModelNotes
{
    [JsonConstructor]
    public TrainedDescription() { }

    [SetsRequiredMembers]
    public TrainedDescription(ModelNotes notes) : base(notes) => (Backbone, InputSize, Head) = ("", [], "");

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

    /// <summary>Describes a model of a backbone and a head.</summary>
    /// <param name="plan">The backbone.</param>
    /// <param name="images">The preparation of pictures.</param>
    /// <param name="head">The head.</param>
    /// <param name="task">The task.</param>
    /// <param name="labels">The names of the outputs.</param>
    public static TrainedDescription Of(
        BackbonePlan plan, ImageLoadOptions images, HeadSpec head, ModelTask task, IReadOnlyList<string> labels) =>
        new(ModelNotes.Of(labels, task, plan.Preprocess, images))
        {
            Backbone = plan.Architecture.Name,
            InputSize = [plan.InputSize.Height, plan.InputSize.Width],
            Alpha = plan.Build.Alpha,
            DepthMultiplier = plan.Build.DepthMultiplier,
            Minimalistic = plan.Build.Minimalistic,
            IncludePreprocessing = plan.Build.IncludePreprocessing,
            DropConnectRate = plan.Build.DropConnectRate,
            ImageNetWeights = plan.Build.ImageNetWeights,
            Pooling = plan.Build.Pooling,
            Head = head.ToString(),
        };

    /// <summary>Builds the backbone and its head as one graph. The backbone's layers are those of <paramref name="plan"/>.</summary>
    public LayerGraph BuildGraph(BackbonePlan plan)
    {
        var builder = new GraphBuilder(InputSize[0], InputSize[1]);
        var features = plan.Architecture.Write(builder, plan.Build);
        return new(plan.Graph.Name, HeadSpec.Parse(Head).Write(Add, features, OutputCount, OutputActivation));

        Layer Add(LayerOp op, string? name, Layer x) => builder.Add(op, name, x);
    }

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
            var read = Read<TrainedDescription>(path);
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
}
