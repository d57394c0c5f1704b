using System.Globalization;
using System.Text;

namespace TransferKit.Common;

/// <summary>
/// Escapes characters that a file name may hold and a terminal or a log would act on: they colour and delete text, change its direction
/// or begin a line that looks like another entry.
/// </summary>
internal static class Printable
{
    /// <summary>The text with such characters as <c>\u001B</c>; the same text where it has none.</summary>
    public static string Of(string text)
    {
        StringBuilder? escaped = null;
        for (var i = 0; i < text.Length; i++)
        {
            // Both halves of a pair are kept, and a half alone is not.
            var isPair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            if (!isPair && IsActive(text[i]))
                (escaped ??= new StringBuilder(text, 0, i, text.Length + 8)).Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:X4}");
            else
                escaped?.Append(text, i, isPair ? 2 : 1);
            if (isPair)
                i++;
        }
        return escaped?.ToString() ?? text;
    }

    // Control characters, marks of direction, the separators of lines and paragraphs, and halves of pairs.
    private static bool IsActive(char c) => char.IsControl(c) || char.IsSurrogate(c)
        || c is '\u200E' or '\u200F' or '\u061C' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
