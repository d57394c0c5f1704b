using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using TransferKit.Common;

namespace TransferKit;

/// <summary>
/// Represents the size of an image in pixels, height first as in Keras. Its text is <c>480x640</c> or <c>480,640</c> for 480 rows of 640
/// pixels.
/// </summary>
[TypeConverter(typeof(Converter))]
public readonly record struct ImageSize : IParsable<ImageSize>
{
    /// <summary>Initializes a size of <paramref name="height"/> rows and <paramref name="width"/> columns.</summary>
    /// <param name="height">Number of rows, in pixels.</param>
    /// <param name="width">Number of columns, in pixels.</param>
    public ImageSize(int height, int width) => (Height, Width) = (height, width);

    /// <summary>Gets the number of rows, in pixels.</summary>
    public int Height { get; init; }

    /// <summary>Gets the number of columns, in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Returns the size as text, height first, such as <c>480x640</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");

    /// <summary>Converts a <c>(height, width)</c> pair to a size.</summary>
    /// <param name="size">Height and width, in pixels.</param>
    public static implicit operator ImageSize((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>Parses height and width, in this order.</summary>
    /// <param name="s">Text to parse, such as <c>480x640</c>.</param>
    /// <param name="provider">Ignored, since digits are the same in every culture.</param>
    /// <exception cref="FormatException">The text is not a size.</exception>
    public static ImageSize Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var size)
            ? size
            : throw new FormatException($"'{s}' is not a size. Write height x width in pixels, such as 480x640.");
    }

    /// <summary>Parses height and width, in this order.</summary>
    /// <param name="s">Text to parse, such as <c>480x640</c>.</param>
    /// <param name="provider">Ignored, since digits are the same in every culture.</param>
    /// <param name="result">The parsed size, or 0x0 if the text is not a size.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ImageSize result)
    {
        var parts = s?.Split('x', 'X', ',') ?? [];
        var isSize = parts.Length == 2 & TryParse(parts.FirstOrDefault(), out var height) & TryParse(parts.LastOrDefault(), out var width);
        result = isSize ? new(height, width) : default;
        return isSize;
    }

    private static bool TryParse(string? part, out int pixels) =>
        int.TryParse(part, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out pixels);

    private sealed class Converter() : TextConverter<ImageSize>(text => Parse(text));
}
