using System.ComponentModel;
using System.Globalization;
using TransferKit.Common;

namespace TransferKit.Training;

/// <summary>
/// Represents a Keras preprocessing layer that changes training images at random. Pixels range from 0 to 255. The
/// random values depend on the seed, the epoch and the image alone.
/// </summary>
[TypeConverter(typeof(Converter))]
public abstract class Augmentation
{
    private protected Augmentation() { }

    /// <summary>
    /// Parses layers from text: <c>flip:horizontal, rotation:0.05, zoom:0.1, translation:0.1, contrast:0.2, brightness:0.2</c>.
    /// </summary>
    /// <param name="text">The names and factors, separated by commas, or <c>none</c> for no augmentation.</param>
    /// <exception cref="FormatException">A name or a factor is invalid.</exception>
    public static IReadOnlyList<Augmentation> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Trim().Equals("none", StringComparison.OrdinalIgnoreCase))
            return [];
        return [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(One)];
    }

    internal abstract void Apply(FloatImage image, Random random);

    /// <summary>Returns the layer and its settings as text, which checkpoints compare.</summary>
    public abstract override string ToString();

    private static Augmentation One(string text)
    {
        var parts = text.Split(':', 2, StringSplitOptions.TrimEntries);
        var argument = parts.Length == 2 ? parts[1] : null;
        return parts[0].ToLowerInvariant() switch
        {
            "flip" => new RandomFlip(argument is null ? FlipMode.HorizontalAndVertical
                : Enum.TryParse<FlipMode>(argument.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var mode) ? mode
                : throw Unknown(text)),
            "rotation" => new RandomRotation(Factor()),
            "zoom" => new RandomZoom(Factor()),
            "translation" => new RandomTranslation(Factor(), Factor()),
            "contrast" => new RandomContrast(Factor()),
            "brightness" => new RandomBrightness(Factor()),
            _ => throw Unknown(text),
        };

        double Factor() => double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor)
            ? factor
            : throw Unknown(text);
    }

    private static FormatException Unknown(string text) => new(
        $"'{text}' is not an augmentation. Use flip[:horizontal|vertical|horizontal_and_vertical], rotation:F, zoom:F, translation:F, "
        + "contrast:F or brightness:F, with F as in Keras (rotation:0.05 is 18 degrees to each side).");

    private protected static double Checked(double factor, double most, string name) => factor >= 0 && factor <= most
        ? factor
        : throw new ArgumentOutOfRangeException(
            name, factor, string.Create(CultureInfo.InvariantCulture, $"The factor must be from 0 to {most}."));

    private protected static string Text(double factor) => factor.ToString("R", CultureInfo.InvariantCulture);

    private protected static string Filled(FillMode fill) => $" {fill}";

    private sealed class Converter() : TextConverter<Augmentation>(One);

    private protected static double Uniform(Random random, double low, double high) => low + (high - low) * random.NextDouble();
}
