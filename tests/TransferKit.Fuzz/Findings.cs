using System.Globalization;
using System.Text;

namespace TransferKit.Fuzz;

/// <summary>Prints the results of a format's inputs: a row of the table, then each fault with the numbers of its inputs.</summary>
internal sealed record Findings(string Format)
{
    public const string Header = "format      inputs    read   crashes  hangs  untyped  largest memory  seconds";

    /// <summary>The number of inputs of each kind of fault that are saved.</summary>
    public const int Kept = 3;

    public long Inputs { get; set; }

    /// <summary>The inputs that were read; the others were refused. A fuzzer whose inputs are all refused shows little.</summary>
    public long Read { get; set; }

    public long Crashes { get; set; }
    public long Hangs { get; set; }
    public long Untyped { get; set; }
    public long LargestMemory { get; set; }
    public TimeSpan Time { get; set; }

    /// <summary>Gets the count of each kind of fault, and the numbers of the first inputs that caused it.</summary>
    public SortedDictionary<string, (long Count, List<long> First)> Kinds { get; } = new(StringComparer.Ordinal);

    public bool AreClean => Crashes + Hangs + Untyped == 0;

    /// <summary>Counts a fault; true where its input is among the first of its kind, which are saved.</summary>
    public bool Add(string kind, long number)
    {
        var (count, first) = Kinds.TryGetValue(kind, out var found) ? found : (0, []);
        Kinds[kind] = (count + 1, first);
        if (first.Count == Kept)
            return false;
        first.Add(number);
        return true;
    }

    public override string ToString()
    {
        var text = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture,
            $"{Format,-10} {Inputs,7} {Read,7} {Crashes,9} {Hangs,6} {Untyped,8} {LargestMemory >> 20,11} MiB {Time.TotalSeconds,8:F0}"));
        foreach (var (kind, (count, first)) in Kinds)
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"    {count} x {kind} (inputs {string.Join(", ", first)})");
        return text.ToString();
    }
}
