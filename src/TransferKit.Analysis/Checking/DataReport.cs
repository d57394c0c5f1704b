using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Analysis.Checking;
using TransferKit.Common;
using TransferKit.Features;

namespace TransferKit;

/// <summary>Represents what a check of a data set found.</summary>
public sealed class DataReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    internal DataReport(IReadOnlyList<DataFinding> findings, int pictures, IReadOnlyList<string> omitted) =>
        (Findings, Pictures, Omitted) = (findings, pictures, omitted);

    /// <summary>Gets the findings by their kinds, the strongest of each kind first.</summary>
    public IReadOnlyList<DataFinding> Findings { get; }

    /// <summary>Gets the number of pictures, unreadable ones included.</summary>
    public int Pictures { get; }

    /// <summary>Gets a sentence for each check that did not run, and why.</summary>
    public IReadOnlyList<string> Omitted { get; }

    /// <summary>Gets the number of findings of each kind that has some.</summary>
    public IReadOnlyDictionary<DataFindingKind, int> Counts => new SortedDictionary<DataFindingKind, int>(
        Findings.CountBy(f => f.Kind).ToDictionary());

    /// <summary>Returns a report of the findings of some kinds.</summary>
    /// <param name="kinds">The kinds.</param>
    public DataReport Of(params IEnumerable<DataFindingKind> kinds)
    {
        var chosen = kinds.ToHashSet();
        return new([.. Findings.Where(f => chosen.Contains(f.Kind))], Pictures, Omitted);
    }

    /// <summary>Returns the report as JSON.</summary>
    public string ToJson() =>
        JsonSerializer.Serialize(new { pictures = Pictures, counts = Counts, omitted = Omitted, findings = Findings }, Json);

    /// <summary>Saves the findings as CSV, a line each, with the names of the columns in the first line.</summary>
    /// <param name="path">The path of the file. An existing one is replaced.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.csv</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public void SaveCsv(string path)
    {
        var csv = new StringBuilder("kind,path,other,label,suggestion,score,message\n");
        foreach (var f in Findings)
        {
            string[] fields =
            [
                JsonNamingPolicy.SnakeCaseLower.ConvertName($"{f.Kind}"), f.Path, f.Other ?? "", f.Label ?? "", f.Suggestion ?? "",
                f.Score.ToString("G6", CultureInfo.InvariantCulture), f.Message,
            ];
            csv.AppendJoin(',', fields.Select(CsvLines.Field)).Append('\n');
        }
        AtomicFile.Write(OutputTarget.Of(path, ".csv"), stream => stream.Write(Encoding.UTF8.GetBytes(csv.ToString())));
    }

    /// <summary>
    /// Saves the findings as one HTML page with small pictures, which needs no other file. It shows up to 200 findings of each kind.
    /// </summary>
    /// <param name="path">The path of the file. An existing one is replaced.</param>
    /// <exception cref="OutputFormatException">The extension is neither <c>.html</c> nor <c>.htm</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public void SaveHtml(string path) =>
        AtomicFile.Write(OutputTarget.Of(path, ".html", ".htm"), stream => stream.Write(Encoding.UTF8.GetBytes(DataPage.Of(this))));

    /// <summary>Returns <c>1797 pictures: 3 Duplicate, 85 WrongLabel</c>.</summary>
    public override string ToString() =>
        $"{Pictures} pictures: {(Findings.Count == 0 ? "no findings" : string.Join(", ", Counts.Select(c => $"{c.Value} {c.Key}")))}";
}
