using System.Runtime.CompilerServices;
using System.Text.Json;

namespace TransferKit.FeatureSets.Files;

/// <summary>Reads a <c>.jsonl</c> file that <see cref="JsonLinesSink"/> wrote.</summary>
internal sealed class JsonLinesFile : ScannedFile
{
    public JsonLinesFile(string path) : base(path)
    {
        Shape = [];
        foreach (var line in Lines(CancellationToken.None).ToBlockingEnumerable())
        {
            using var json = Parse(line);
            if (json.RootElement.TryGetProperty("shape", out var shape) && shape.ValueKind == JsonValueKind.Array)
            {
                Shape =
                [
                    .. shape.EnumerateArray()
                        .Select(d => d.TryGetInt32(out var number) && number > 0 ? number : throw Corrupt("a shape is not one")),
                ];
                break;
            }
        }
    }

    public override IReadOnlyList<int> Shape { get; }

    public override async IAsyncEnumerable<FeatureRow> ReadAsync(
        bool reuseBuffer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in Lines(cancellationToken).ConfigureAwait(false))
        {
            using var json = Parse(line);
            yield return RowOf(json.RootElement);
        }
    }

    private IAsyncEnumerable<string> Lines(CancellationToken cancellationToken) =>
        TextLines.ReadAsync(Path, why => Corrupt(why), cancellationToken);

    private FeatureRow RowOf(JsonElement json)
    {
        try
        {
            var features = json.GetProperty("features") is { ValueKind: JsonValueKind.Array } numbers
                ? numbers.EnumerateArray().Select(n => n.GetSingle()).ToArray()
                : null;
            if (features is not null && features.Length != Shape.Aggregate(1, (product, d) => checked(product * d)))
                throw Corrupt("a row has another number of features than the first");
            return new RowDetails
            {
                Path = Text("path"),
                Width = json.TryGetProperty("width", out var width) ? width.GetInt32() : null,
                Height = json.TryGetProperty("height", out var height) ? height.GetInt32() : null,
                Sha256 = Text("sha256"),
                Bytes = json.TryGetProperty("bytes", out var bytes) ? bytes.GetInt64() : null,
                Modified = json.TryGetProperty("modified", out var modified) ? modified.GetDateTime() : null,
                Reason = Text("reason"),
                Message = Text("message"),
            }.ToRow(features, Shape, why => Corrupt(why));
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Corrupt(e.Message.TrimEnd('.'), e);
        }

        string? Text(string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    private JsonDocument Parse(string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException e)
        {
            throw Corrupt(e.Message.TrimEnd('.'), e);
        }
    }
}
