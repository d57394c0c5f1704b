using TransferKit.Configs.Reading;

namespace TransferKit.Configs;

/// <summary>
/// Names the layers of a flattened model. A layer has Keras' name if no other layer of the whole model has it; otherwise a nested one has
/// its path, <c>sequential/dense</c>. A further call of a layer has a number after its name.
/// </summary>
internal sealed class LayerNames
{
    private readonly Dictionary<LayerEntry, string> _names = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<LayerEntry, int> _calls = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _used = [];

    public LayerNames(ModelConfig model)
    {
        var all = Leaves(model, "").ToArray();
        var bearers = all.CountBy(l => l.Entry.Name).ToDictionary();
        foreach (var (entry, path, isNested) in all.OrderBy(l => l.IsNested))
        {
            var name = isNested && bearers[entry.Name] > 1 ? path : entry.Name;
            _names[entry] = Unused(name);
        }
    }

    public string Of(LayerEntry entry) => _names[entry];

    /// <summary>Returns the name of the next call of a layer.</summary>
    public string Next(LayerEntry entry)
    {
        var call = _calls[entry] = _calls.GetValueOrDefault(entry) + 1;
        return call == 1 ? _names[entry] : Unused($"{_names[entry]}/call_{call}");
    }

    /// <summary>Returns the name, with a number if another layer has it.</summary>
    public string Unused(string name)
    {
        var unused = name;
        for (var n = 1; !_used.Add(unused); n++)
            unused = $"{name}_{n}";
        return unused;
    }

    private static IEnumerable<(LayerEntry Entry, string Path, bool IsNested)> Leaves(ModelConfig model, string outer)
    {
        foreach (var entry in model.Layers)
        {
            if (entry.Model is null && (outer.Length == 0 || entry.ClassName != "InputLayer"))
            {
                yield return (entry, outer + entry.Name, outer.Length > 0);
            }
            else if (entry.Model is { } nested)
            {
                foreach (var leaf in Leaves(nested, $"{outer}{entry.Name}/"))
                    yield return leaf;
            }
        }
    }
}
