using System.Globalization;
using System.Text;

namespace TransferKit.Common;

/// <summary>
/// Escapes characters in file names that terminals and logs interpret. They could colour or delete text, change its direction, or forge a
/// log entry.
/// </summary>
internal static class Printable
{
    /// <summary>Returns the text with such characters as <c>\u001B</c>, or the same instance if it has none.</summary>
    public static string Of(string text)
    {
        StringBuilder? escaped = null;
        for (var i = 0; i < text.Length; i++)
        {
            // A surrogate pair is a character, but a lone surrogate is not.
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

    /// <summary>
    /// Returns what <see cref="Exception.ToString"/> returns, with every message escaped. The BCL's messages repeat file names as they are.
    /// </summary>
    public static string Of(Exception exception)
    {
        var text = new StringBuilder($"{exception.GetType()}: {Of(exception.Message)}");
        if (exception.InnerException is { } inner)
            text.AppendLine().Append($" ---> {Of(inner)}").AppendLine().Append("   --- End of inner exception stack trace ---");
        if (exception.StackTrace is { } trace)
            text.AppendLine().Append(trace);
        return text.ToString();
    }

    // These are control characters, direction marks, line and paragraph separators, and lone surrogates.
    private static bool IsActive(char c) => char.IsControl(c) || char.IsSurrogate(c)
        || c is '\u200E' or '\u200F' or '\u061C' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
