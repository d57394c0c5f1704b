using System.Text;

namespace TransferKit.Graph;

/// <summary>Converts Keras' class names to the names that Keras derives from them.</summary>
internal static class KerasNames
{
    /// <summary>Returns <c>zero_padding2d</c> for <c>ZeroPadding2D</c> (Keras: <c>to_snake_case</c>).</summary>
    /// <remarks>
    /// An underscore stands before a capital that starts a word or follows a small letter. Digits do not end a word, so Conv2D becomes
    /// conv2d.
    /// </remarks>
    public static string SnakeCase(string className)
    {
        var name = new StringBuilder(className.Length + 4);
        for (var i = 0; i < className.Length; i++)
        {
            var startsWord = i > 0 && char.IsUpper(className[i])
                && (char.IsLower(className[i - 1])
                    || (i + 1 < className.Length && char.IsLower(className[i + 1]) && !char.IsDigit(className[i - 1])));
            if (startsWord)
                name.Append('_');
            name.Append(char.ToLowerInvariant(className[i]));
        }
        return name.ToString();
    }
}
