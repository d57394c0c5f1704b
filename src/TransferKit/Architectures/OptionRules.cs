using System.Collections.Immutable;
using System.Globalization;

namespace TransferKit.Architectures;

/// <summary>Checks all options against Keras' rules at once.</summary>
internal static class OptionRules
{
    /// <summary>An option that only some families have, and the numbers that it accepts.</summary>
    private sealed record FamilyOption(
        FamilyOptions Option, string Name, Func<BuildOptions, IConvertible?> Value, Func<double, bool> Takes, string Range);

    private static readonly ImmutableArray<FamilyOption> FamilyOptionsInOrder =
    [
        new(FamilyOptions.Alpha, nameof(BuildOptions.Alpha), o => o.Alpha, v => v > 0 && double.IsFinite(v), "greater than 0"),
        new(FamilyOptions.DepthMultiplier, nameof(BuildOptions.DepthMultiplier), o => o.DepthMultiplier, v => v >= 1, "at least 1"),
        new(FamilyOptions.DropoutRate, nameof(BuildOptions.DropoutRate), o => o.DropoutRate, IsRate, RateRange),
        new(FamilyOptions.DropConnectRate, nameof(BuildOptions.DropConnectRate), o => o.DropConnectRate, IsRate, RateRange),
        new(FamilyOptions.Minimalistic, nameof(BuildOptions.Minimalistic), o => o.Minimalistic, _ => true, ""),
        new(FamilyOptions.IncludePreprocessing, nameof(BuildOptions.IncludePreprocessing), o => o.IncludePreprocessing, _ => true, ""),
    ];

    private const string RateRange = "at least 0 and less than 1";

    /// <summary>
    /// Returns a sentence for each invalid option, with its value and the valid ones; empty if all are valid.
    /// <see cref="BuildOptions.ImageNetWeights"/> adds the rules of those weights.
    /// </summary>
    public static IReadOnlyList<string> Check(Architecture architecture, BuildOptions options) =>
    [
        .. CheckForAll(architecture, options),
        .. options.HasFamilyOptions ? FamilyOptionsInOrder.SelectMany(option => CheckOfFamily(architecture, options, option)) : [],
        .. options.ImageNetWeights ? CheckForImageNet(architecture, options) : [],
    ];

    private static IEnumerable<string> CheckForAll(Architecture a, BuildOptions o)
    {
        if (Math.Min(o.InputSize.Height, o.InputSize.Width) < a.MinSize)
            yield return $"InputSize is {o.InputSize}; {a.KerasName} takes {a.MinSize}x{a.MinSize} or more.";
        if (o.Classes < 1)
            yield return $"Classes is {o.Classes}; it must be at least 1.";
    }

    private static IEnumerable<string> CheckOfFamily(Architecture a, BuildOptions o, FamilyOption option)
    {
        if (option.Value(o) is not { } value)
            yield break;
        if (!a.Options.HasFlag(option.Option))
        {
            var owners = Registry.All.Where(other => other.Options.HasFlag(option.Option)).Select(other => other.KerasName);
            yield return $"{option.Name} is {Text(value)}; {a.KerasName} has no such option: it belongs to {Listing(owners, "and")}.";
        }
        else if (!option.Takes(value.ToDouble(CultureInfo.InvariantCulture)))
        {
            yield return $"{option.Name} is {Text(value)}; it must be {option.Range}.";
        }
    }

    private static IEnumerable<string> CheckForImageNet(Architecture a, BuildOptions o)
    {
        if (o.IncludeTop && o.Classes is > 0 and not 1000)
            yield return $"Classes is {o.Classes}; the top of ImageNet weights has 1000.";
        if (o.IncludeTop && !a.SizesWithTop.IsEmpty && !a.SizesWithTop.Contains(o.InputSize))
        {
            var sizes = Listing(a.SizesWithTop.Select(s => s.ToString()), "or");
            yield return $"InputSize is {o.InputSize}; {a.KerasName} with its top and ImageNet weights takes {sizes}.";
        }
        if (a.Options.HasFlag(FamilyOptions.Alpha) && o.Alpha is > 0 && !a.AlphasWithWeights(o).Contains(o.Alpha.Value))
        {
            var alphas = Listing(a.AlphasWithWeights(o).Select(alpha => Text(alpha)), "or");
            var which = o.Minimalistic == true ? $"{a.KerasName}, minimalistic," : a.KerasName;
            yield return $"Alpha is {Text(o.Alpha)}; {which} has ImageNet weights for {alphas}.";
        }
        if (a.Options.HasFlag(FamilyOptions.DepthMultiplier) && o.DepthMultiplier > 1)
            yield return $"DepthMultiplier is {o.DepthMultiplier}; {a.KerasName} has ImageNet weights for 1.";
    }

    private static bool IsRate(double value) => value is >= 0 and < 1;

    private static string Text(IConvertible value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Listing(IEnumerable<string> items, string conjunction)
    {
        var all = items.ToArray();
        return all.Length == 1 ? all[0] : $"{string.Join(", ", all[..^1])} {conjunction} {all[^1]}";
    }
}
