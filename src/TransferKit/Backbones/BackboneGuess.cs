using TransferKit.Architectures;
using TransferKit.WeightSources.Binding;
using TransferKit.WeightSources.Files;

namespace TransferKit.Backbones;

/// <summary>
/// Recognises applications by the shapes of a file's weights. It builds each and compares, because a graph costs milliseconds.
/// </summary>
internal static class BackboneGuess
{
    public static IEnumerable<WeightFileUse> Of(WeightFile file)
    {
        var open = file.Models.Where(m => m.Layers.Any(l => !l.Weights.IsEmpty)).ToList();
        foreach (var (architecture, options) in Registry.All.SelectMany(Variants))
        {
            foreach (var model in open.ToList())
            {
                if (Use(architecture, options, model, file.Name) is not { } use)
                    continue;
                yield return use;
                // A model is one network; a family's other widths and the networks after it have other shapes.
                open.Remove(model);
            }
        }
    }

    private static WeightFileUse? Use(Architecture architecture, BuildOptions build, StoredModel model, string file)
    {
        var last = model.Layers.Last(l => !l.Weights.IsEmpty).Weights;
        if (build.IncludeTop)
        {
            if (last.Length > 2 || last[^1].Shape is not [.., > 0 and <= int.MaxValue and var classes])
                return null;
            build = build with { Classes = (int)classes };
        }
        if (ModelFit.Of(model, architecture.Build(build), leavesRest: !build.IncludeTop) is not { } fit)
            return null;
        var options = new BackboneOptions
        {
            Weights = Weights.File(file),
            IncludeTop = build.IncludeTop,
            Classes = build.Classes,
            Alpha = build.Alpha,
            Minimalistic = build.Minimalistic,
        };
        return new(architecture.Name, options, model.Path, fit.Unused);
    }

    // With its top first, because a network without it is found in one that has it.
    private static IEnumerable<(Architecture, BuildOptions)> Variants(Architecture architecture) =>
        from includeTop in (bool[])[true, false]
        from alpha in architecture.Options.HasFlag(FamilyOptions.Alpha) ? architecture.WeightAlphas.Select(a => (double?)a) : [null]
        from minimalistic in architecture.Options.HasFlag(FamilyOptions.Minimalistic) ? (bool?[])[null, true] : [null]
        select (architecture, new BuildOptions
        {
            InputSize = architecture.DefaultSize,
            IncludeTop = includeTop,
            Alpha = alpha == 1 ? null : alpha,
            Minimalistic = minimalistic,
        });
}
