using System.Text.Json;
using System.Text.Json.Serialization;

namespace TransferKit.Backbones;

/// <summary>Writes the names of classes as a JSON list, for the metadata of exported models.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class LabelsJson : JsonSerializerContext
{
    public static string Write(IEnumerable<string> labels) => JsonSerializer.Serialize([.. labels], Default.StringArray);
}
