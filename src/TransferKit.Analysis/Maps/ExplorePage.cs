using System.Buffers.Binary;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TransferKit.Analysis.Maps;

/// <summary>
/// Writes the page of a map. Its markup, style and scripts are the files of the folder <c>Page</c>. Names are only in the JSON, whose
/// encoder escapes what HTML interprets, and the policy of the page allows its own scripts alone and no request.
/// </summary>
internal static class ExplorePage
{
    private const string OtherFolder = "in no folder";

    private static readonly string[] Scripts = ["data.js", "symbols.js", "view.js", "panel.js", "controls.js"];

    public static void Write(
        Stream stream, FeatureMap map, ThumbnailSheets? sheets, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var (style, scripts) = (Resource("explore.css"), Scripts.Select(Resource).ToArray());
        var page = Resource("explore.html").Split("{data}");
        var head = page[0].Replace("{policy}", Policy(style, scripts), StringComparison.Ordinal)
            .Replace("{style}", style, StringComparison.Ordinal);
        var foot = page[1].Replace(
            "{scripts}", string.Join('\n', scripts.Select(s => $"<script>{s}</script>")), StringComparison.Ordinal);
        stream.Write(Encoding.UTF8.GetBytes(head));
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            WriteMap(json, map);
            WriteSheets(json, sheets, progress, cancellationToken);
            json.WriteEndObject();
        }
        stream.Write(Encoding.UTF8.GetBytes(foot));
        progress?.Report(1);
    }

    private static void WriteMap(Utf8JsonWriter json, FeatureMap map)
    {
        json.WriteNumber("total", map.TotalCount);
        json.WriteNumber("seed", map.Options.Seed);
        json.WriteStartArray("names");
        foreach (var name in map.Names)
            json.WriteStringValue(name);
        json.WriteEndArray();

        json.WriteStartArray("layouts");
        if (map.Tsne is { } points)
            WriteLayout(json, "t-SNE", "Pictures with similar features are near each other. Far distances mean little.", points);
        var share = map.ExplainedVariance.Sum();
        WriteLayout(
            json, "PCA", string.Create(CultureInfo.InvariantCulture, $"The two directions that hold {share:0 %} of the variance."),
            map.Pca);
        json.WriteEndArray();

        json.WriteStartArray("groupings");
        string?[] folders = [.. map.Names.Select(FeatureTable.FolderOf)];
        string[] known = [.. folders.OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        if (known.Length > 0)
        {
            var places = known.Select((folder, i) => (folder, i)).ToDictionary(f => f.folder, f => f.i, StringComparer.Ordinal);
            string[] labels = folders.Contains(null) ? [.. known, OtherFolder] : known;
            WriteGrouping(json, "Folder", labels, folders.Select(f => f is null ? known.Length : places[f]));
        }
        WriteGrouping(json, "Cluster", Enumerable.Range(1, map.Clusters.Max() + 1).Select(c => $"Cluster {c}"), map.Clusters);
        json.WriteEndArray();

        var neighbours = Enumerable.Range(0, map.Count).Select(map.NeighboursOf).ToArray();
        json.WriteNumber("neighbourCount", neighbours[0].Count);
        WriteNumbers(json, "neighbours", neighbours.SelectMany(all => all.Select(n => n.Row)));
        WriteNumbers(json, "cosines", neighbours.SelectMany(all => all.Select(n => n.Score)));
    }

    private static void WriteSheets(
        Utf8JsonWriter json, ThumbnailSheets? sheets, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        json.WriteNumber("side", sheets?.Side ?? 0);
        json.WriteNumber("columns", ThumbnailSheets.Columns);
        json.WriteStartArray("sheets");
        for (var sheet = 0; sheet < sheets?.Count; sheet++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            json.WriteBase64StringValue(sheets.Draw(sheet, cancellationToken));
            json.Flush();
            progress?.Report((double)(sheet + 1) / sheets.Count);
        }
        json.WriteEndArray();
        WriteNumbers(json, "unreadable", sheets is null ? [] : sheets.Errors.Keys.Order());
    }

    private static void WriteLayout(Utf8JsonWriter json, string name, string about, IReadOnlyList<MapPoint> points)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("about", about);
        WriteNumbers(json, "points", points.SelectMany(p => new[] { p.X, p.Y }));
        json.WriteEndObject();
    }

    private static void WriteGrouping(Utf8JsonWriter json, string name, IEnumerable<string> labels, IEnumerable<int> groups)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteStartArray("labels");
        foreach (var label in labels)
            json.WriteStringValue(label);
        json.WriteEndArray();
        WriteNumbers(json, "groups", groups);
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<float> numbers) =>
        WriteNumbers(json, name, numbers.Select(BitConverter.SingleToInt32Bits));

    // A browser reads little-endian bytes faster than digits, and they are exact.
    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<int> numbers)
    {
        int[] all = [.. numbers];
        var bytes = new byte[4 * all.Length];
        for (var i = 0; i < all.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), all[i]);
        json.WriteBase64String(name, bytes);
    }

    private static string Policy(string style, IEnumerable<string> scripts) =>
        $"default-src 'none'; img-src data:; style-src {Hash(style)}; script-src {string.Join(' ', scripts.Select(Hash))}; "
        + "base-uri 'none'; form-action 'none'";

    private static string Hash(string content) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
