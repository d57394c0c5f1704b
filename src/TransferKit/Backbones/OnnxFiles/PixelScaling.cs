namespace TransferKit;

/// <summary>
/// Represents how pixels of 0 to 255 become the numbers that an ONNX file takes: <c>(pixel * Rescale - Mean) / Std</c>, as in Hugging
/// Face's image processors and torchvision's transforms.
/// </summary>
public sealed record PixelScaling
{
    /// <summary>Gets the scaling of models that take pixels of 0 to 255 as they are, because they prepare them inside.</summary>
    public static PixelScaling None { get; } = new() { Rescale = 1 };

    /// <summary>Gets the scaling of torchvision's ImageNet models: 0 to 1, minus ImageNet's mean, divided by its deviation.</summary>
    public static PixelScaling ImageNet { get; } = new() { Mean = [0.485, 0.456, 0.406], Std = [0.229, 0.224, 0.225] };

    /// <summary>Gets the factor of the pixels (<c>rescale_factor</c>). Defaults to 1/255, which gives 0 to 1.</summary>
    public double Rescale { get; init; } = 1.0 / 255;

    /// <summary>Gets the mean of red, green and blue, in rescaled numbers (<c>image_mean</c>). Defaults to none, which is 0.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [];

    /// <summary>Gets the deviation of red, green and blue, in rescaled numbers (<c>image_std</c>). Defaults to none, which is 1.</summary>
    public IReadOnlyList<double> Std { get; init; } = [];

    // A default of three numbers would stay in front of those that a configuration file binds.
    internal IReadOnlyList<double> Means => Mean.Count == 0 ? [0, 0, 0] : Mean;
    internal IReadOnlyList<double> Deviations => Std.Count == 0 ? [1, 1, 1] : Std;

    /// <summary>Gets whether pixels stay as they are.</summary>
    internal bool IsNone => Rescale == 1 && Mean.All(m => m == 0) && Std.All(s => s == 1);

    /// <summary>Returns a sentence for each value that cannot be.</summary>
    internal IEnumerable<string> Problems()
    {
        if (!double.IsFinite(Rescale) || Rescale == 0)
            yield return $"The factor of the pixels is {Rescale}; it must be a finite number other than 0.";
        if (Mean is not { Count: 0 or 3 } || !Mean.All(double.IsFinite))
            yield return $"The mean is ({Text(Mean)}); it must be three finite numbers.";
        if (Std is not { Count: 0 or 3 } || !Std.All(s => double.IsFinite(s) && s != 0))
            yield return $"The deviation is ({Text(Std)}); it must be three finite numbers other than 0.";
    }

    /// <summary>Returns the formula, such as <c>(x * 0.00392 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)</c>.</summary>
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"(x * {Rescale:R} - ({Text(Means)})) / ({Text(Deviations)})");

    private static string Text(IReadOnlyList<double>? numbers) =>
        string.Join(", ", numbers?.Select(n => n.ToString("R", System.Globalization.CultureInfo.InvariantCulture)) ?? []);
}
