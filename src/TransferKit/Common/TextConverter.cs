using System.ComponentModel;
using System.Globalization;

namespace TransferKit.Common;

/// <summary>Converts text to a value, so that configuration can bind strings.</summary>
/// <param name="parse">
/// Parser of the text. It throws a <see cref="FormatException"/> or an <see cref="ArgumentException"/> for invalid text.
/// </param>
internal abstract class TextConverter<T>(Func<string, T> parse) : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? parse(text) : base.ConvertFrom(context, culture, value);
}
