using System.Globalization;

namespace TransferKit.Analysis.Checking;

/// <summary>Judges pictures by themselves, and classes by their numbers of pictures.</summary>
internal static class PictureChecks
{
    /// <summary>Finds pictures that are tiny, blank, blurred or of an odd shape.</summary>
    public static IEnumerable<DataFinding> Quality(CheckedPicture picture, DataCheckOptions options)
    {
        if (picture.Facts is not { } facts)
            yield break;
        var (width, height) = (facts.Width, facts.Height);
        if (Math.Min(width, height) < options.LeastSide)
        {
            yield return picture.Finding(
                DataFindingKind.Tiny, $"It has {width} x {height} pixels; fewer than {options.LeastSide} a side say little.",
                options.LeastSide / (double)Math.Min(width, height));
        }
        var aspect = Math.Max(width, height) / (double)Math.Min(width, height);
        if (aspect > options.MostAspect)
        {
            yield return picture.Finding(
                DataFindingKind.OddShape,
                Invariant($"It has {width} x {height} pixels: one side is {aspect:0.0} times the other."), aspect);
        }
        if (facts.Contrast < options.LeastContrast)
        {
            yield return picture.Finding(
                DataFindingKind.Blank, Invariant($"It is nearly of one colour: its grey values deviate by {facts.Contrast:0.0} of 255."),
                -facts.Contrast);
        }
        else if (facts.Sharpness < options.LeastSharpness)
        {
            yield return picture.Finding(
                DataFindingKind.Blurred, Invariant($"It is not sharp: its sharpness is {facts.Sharpness:0.0000}."), -facts.Sharpness);
        }
    }

    /// <summary>Finds classes with far fewer pictures than others.</summary>
    public static IEnumerable<DataFinding> Imbalance(IReadOnlyList<CheckedPicture> pictures, DataCheckOptions options)
    {
        var own = pictures.Where(p => !p.IsTest && p.Label is not null).ToList();
        var classes = own.CountBy(p => p.Label!).OrderBy(c => c.Key, StringComparer.Ordinal).ToList();
        if (classes.Count < 2)
            yield break;
        int[] counts = [.. classes.Select(c => c.Value).Order()];
        var median = (counts[(counts.Length - 1) / 2] + counts[counts.Length / 2]) / 2.0;
        foreach (var (label, count) in classes.Where(c => c.Value * options.MostImbalance < median))
        {
            yield return new()
            {
                Kind = DataFindingKind.Imbalance,
                Folder = own[0].Folder,
                Name = label,
                Label = label,
                Score = median / count,
                Message = Invariant($"The class has {count} pictures; the median of all classes is {median:0.#}."),
            };
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
