using System.Text.Encodings.Web;
using System.Text.Json;
using TransferKit.FeatureSets.Storage;

namespace TransferKit.FeatureSets.Files;

/// <summary>Writes a <c>.jsonl</c> file: an object for each row, on a line of its own.</summary>
internal sealed class JsonLinesSink(string path) : FeatureSink(path, ".jsonl")
{
    internal override bool TakesSkipped => true;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    protected override ValueTask WriteRowAsync(Stream stream, FeatureRow row, CancellationToken cancellationToken)
    {
        using (var json = new Utf8JsonWriter(stream, Options))
            Write(json, row);
        stream.WriteByte((byte)'\n');
        return ValueTask.CompletedTask;
    }

    private static void Write(Utf8JsonWriter json, FeatureRow row)
    {
        json.WriteStartObject();
        json.WriteString("path", row.Path);
        if (row.IsSkipped)
        {
            json.WriteNull("features");
            json.WriteString("reason", ReasonCodes.Of(row.Reason));
            json.WriteString("message", row.Error!.Message);
        }
        else
        {
            WriteNumbers(json, "shape", row.Shape, json.WriteNumberValue);
            WriteNumbers(json, "features", row.Features.ToArray(), json.WriteNumberValue);
        }
        if (row.File is { } file)
        {
            if (file.Size is { } size)
            {
                json.WriteNumber("width", size.Width);
                json.WriteNumber("height", size.Height);
            }
            if (file.Sha256 is not null)
                json.WriteString("sha256", file.Sha256);
            json.WriteNumber("bytes", file.Length);
            json.WriteString("modified", RowSchema.Rounded(file.Modified));
        }
        json.WriteEndObject();
    }

    private static void WriteNumbers<T>(Utf8JsonWriter json, string name, IEnumerable<T> numbers, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            write(number);
        json.WriteEndArray();
    }
}
