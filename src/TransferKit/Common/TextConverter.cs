using System.ComponentModel;
using System.Globalization;

namespace TransferKit.Common;

/// <summary>Converts from text, so that configuration binds a value that is written as a string.</summary>
/// <param name="parse">Parses the text; throws a <see cref="FormatException"/> or an <see cref="ArgumentException"/> where it cannot.</param>
internal abstract class TextConverter<T>(Func<string, T> parse) : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? parse(text) : base.ConvertFrom(context, culture, value);
}
