using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using TransferKit.Common;

namespace TransferKit;

/// <summary>The size of an image in pixels, height first as in Keras. Text is <c>480x640</c> or <c>480,640</c>: 480 high, 640 wide.</summary>
[TypeConverter(typeof(Converter))]
public readonly record struct ImageSize : IParsable<ImageSize>
{
    /// <summary>A size of <paramref name="height"/> rows and <paramref name="width"/> columns.</summary>
    /// <param name="height">Rows, in pixels.</param>
    /// <param name="width">Columns, in pixels.</param>
    public ImageSize(int height, int width) => (Height, Width) = (height, width);

    /// <summary>Rows, in pixels.</summary>
    public int Height { get; init; }

    /// <summary>Columns, in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Height x width: <c>480x640</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");

    /// <summary>A size from a <c>(height, width)</c> pair.</summary>
    /// <param name="size">Height and width, in pixels.</param>
    public static implicit operator ImageSize((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>Parses height and width, in this order.</summary>
    /// <param name="s">The text, such as <c>480x640</c>.</param>
    /// <param name="provider">Ignored: digits are the same everywhere.</param>
    /// <exception cref="FormatException">The text is no size.</exception>
    public static ImageSize Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var size)
            ? size
            : throw new FormatException($"'{s}' is no size. Write height x width in pixels, such as 480x640.");
    }

    /// <summary>Parses height and width, in this order.</summary>
    /// <param name="s">The text, such as <c>480x640</c>.</param>
    /// <param name="provider">Ignored: digits are the same everywhere.</param>
    /// <param name="result">The size; 0x0 where the text is none.</param>
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
