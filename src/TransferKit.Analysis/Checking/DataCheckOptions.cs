using System.Runtime.CompilerServices;

namespace TransferKit;

/// <summary>Represents the options of <see cref="DataCheck"/>: folders, and the limits beyond which something is reported.</summary>
public sealed record DataCheckOptions
{
    /// <summary>Gets the folder of the pictures to test with, for leaks. Defaults to none.</summary>
    public string? TestFolder { get; init; }

    /// <summary>
    /// Gets the feature set's folder that the features are kept in, so that the next check extracts only new pictures. Defaults to memory.
    /// </summary>
    public string? Features { get; init; }

    /// <summary>Gets the feature set's folder for the pictures of <see cref="TestFolder"/>. Defaults to memory.</summary>
    public string? TestFeatures { get; init; }

    /// <summary>
    /// Gets the least correlation, over 0 and up to 1, of the pixels of near duplicates after their best crop. Defaults to 0.95.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double LeastCorrelation { get; init => field = Checked(value, value is > 0 and <= 1, "over 0 and at most 1"); } = 0.95;

    /// <summary>
    /// Gets the least cosine of the features of near duplicates, where there are features without pictures. Defaults to 0.98.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double LeastCosine { get; init => field = Checked(value, value is > 0 and <= 1, "over 0 and at most 1"); } = 0.98;

    /// <summary>Gets the least side in pixels of a picture that is not tiny. Defaults to 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int LeastSide { get; init => field = (int)Checked(value, value >= 1, "at least 1"); } = 32;

    /// <summary>
    /// Gets the least standard deviation of grey values, 0..127.5, of a picture that is not blank. Defaults to 4. 0 reports none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public double LeastContrast { get; init => field = Checked(value, value >= 0, "at least 0"); } = 4;

    /// <summary>
    /// Gets the least sharpness of a picture that is not blurred: the variance of the Laplacian relative to that of the grey values, at 256
    /// pixels a side. Defaults to 0.005. 0 reports none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public double LeastSharpness { get; init => field = Checked(value, value >= 0, "at least 0"); } = 0.005;

    /// <summary>Gets the greatest quotient of a picture's sides that is not odd. Defaults to 3.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public double MostAspect { get; init => field = Checked(value, value >= 1, "at least 1"); } = 3;

    /// <summary>
    /// Gets how many times the median number of pictures of a class may exceed that of a class that is not small. Defaults to 5.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public double MostImbalance { get; init => field = Checked(value, value >= 1, "at least 1"); } = 5;

    /// <summary>
    /// Gets how many interquartile ranges above the third quartile the distance of a picture to its neighbours may be. Defaults to 3, what
    /// Tukey calls far out.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public double OutlierFence { get; init => field = Checked(value, value >= 0, "at least 0"); } = 3;

    private static double Checked(double value, bool isRight, string wanted, [CallerMemberName] string name = "") =>
        isRight ? value : throw new ArgumentOutOfRangeException(name, value, $"{nameof(DataCheckOptions)}.{name} must be {wanted}.");
}

/// <summary>Specifies a part of a check.</summary>
public enum DataCheckStep
{
    /// <summary>Pictures are read.</summary>
    Reading,

    /// <summary>Features are extracted.</summary>
    Extracting,

    /// <summary>Features are compared with each other.</summary>
    Comparing,

    /// <summary>A classifier is trained that tells whether labels are right.</summary>
    Learning,
}

/// <summary>Represents the progress of a check.</summary>
/// <param name="Step">The part that runs.</param>
/// <param name="Done">The number of pictures done; for <see cref="DataCheckStep.Learning"/> a percentage.</param>
/// <param name="Total">The number of pictures; for <see cref="DataCheckStep.Learning"/> 100.</param>
public readonly record struct DataCheckProgress(DataCheckStep Step, int Done, int Total);
