using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Training.Tests;

/// <summary>Reads what real Keras did in training: <c>goldens/training</c>, written by <c>make.py</c> there.</summary>
internal static class TrainingGolden
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static T[] Load<T>(string name)
    {
        using var file = File.OpenRead(Goldens.Path("training", name));
        return JsonSerializer.Deserialize<T[]>(file, Options)!;
    }
}

/// <summary>Represents eight full-batch steps of Keras in float64, from the weights and pictures of <see cref="KerasPictures"/>.</summary>
/// <param name="Losses">The loss of each step.</param>
/// <param name="AfterFirst">The moving means and variances of some layers after the first step, where the run has them.</param>
internal sealed record TrainingSteps(
    string Optimizer, double Rate, string Head, string Freeze, string Task, double L2, double Smoothing, double[]? ClassWeights,
    double[] Losses, Dictionary<string, double[][]>? AfterFirst)
{
    public ModelTask ModelTask => Enum.Parse<ModelTask>(Task.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    public override string ToString() =>
        string.Join(", ", new[]
        {
            Optimizer, Head, Freeze, Task, L2 > 0 ? $"L2 {L2}" : null, Smoothing > 0 ? $"smoothing {Smoothing}" : null,
            ClassWeights is null ? null : "class weights",
        }.OfType<string>());
}
