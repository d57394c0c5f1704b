namespace TransferKit.FeatureSets.Storage;

/// <summary>Converts reasons to the codes of files, such as <c>not-an-image</c>, and back.</summary>
internal static class ReasonCodes
{
    private static readonly Dictionary<string, SkipReason> Reasons =
        Enum.GetValues<SkipReason>().Where(r => r != SkipReason.None).ToDictionary(CodeOf, StringComparer.Ordinal);

    public static string Of(SkipReason reason) => CodeOf(reason);

    public static SkipReason? Parse(string code) => Reasons.TryGetValue(code, out var reason) ? reason : null;

    private static string CodeOf(SkipReason reason) => string.Concat(reason.ToString().Select(
        (c, i) => i > 0 && char.IsAsciiLetterUpper(c) ? $"-{char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));
}
