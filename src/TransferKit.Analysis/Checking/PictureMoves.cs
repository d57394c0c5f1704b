using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransferKit.Analysis.Pictures;
using TransferKit.Common;

namespace TransferKit;

/// <summary>Moves the pictures of findings into another folder, and back. Each move is written to a list before it happens.</summary>
public static class PictureMoves
{
    private const string ListName = "moves.jsonl";
    private const int MostListBytes = 1 << 30;

    private static readonly JsonSerializerOptions Json = new(MovesJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Moves pictures. Findings of classes have none, and a picture of several findings is moved once.</summary>
    /// <param name="findings">The findings, such as those of one kind.</param>
    /// <param name="folder">The path of the folder to move into, which is created. Names within it are those within the old folder.</param>
    /// <returns>The path of the list for <see cref="Undo"/>; null if there was nothing to move.</returns>
    /// <exception cref="ArgumentException">The folder is in that of the pictures.</exception>
    /// <exception cref="IOException">A picture cannot be moved. Those before it were, and are in the list.</exception>
    public static string? Move(IEnumerable<DataFinding> findings, string folder)
    {
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        DataFinding[] pictures =
        [
            .. findings.Where(f => f.Kind != DataFindingKind.Imbalance && f.Folder.Length > 0).DistinctBy(f => Path.GetFullPath(f.Path)),
        ];
        if (pictures.FirstOrDefault(f => PathNesting.IsWithin(f.Folder, folder)) is { } nested)
        {
            throw new ArgumentException(
                $"'{folder}' is in '{nested.Folder}', the folder of the pictures, where the next check would find them again. Name one "
                + "beside it.", nameof(folder));
        }
        if (pictures.Length == 0)
            return null;
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, ListName);
        using var list = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        foreach (var finding in pictures)
        {
            var name = Free(folder, finding.Name);
            var move = new PictureMove(Path.GetFullPath(finding.Path), name);
            var target = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            list.Write(Encoding.UTF8.GetBytes($"{JsonSerializer.Serialize(move, Json)}\n"));
            list.Flush(flushToDisk: true);
            File.Move(move.From, target);
        }
        return path;
    }

    /// <summary>
    /// Moves the pictures of a list back to where they were, and deletes the list. Pictures that are there already stay.
    /// </summary>
    /// <param name="list">The path of the list.</param>
    /// <returns>The number of pictures that were moved back.</returns>
    /// <exception cref="FileNotFoundException">The list, or a picture of it, does not exist.</exception>
    /// <exception cref="InvalidDataException">The list is damaged, or names files outside its folder.</exception>
    /// <exception cref="IOException">A picture cannot be moved, or another one is in its place. The list remains.</exception>
    public static int Undo(string list)
    {
        ArgumentException.ThrowIfNullOrEmpty(list);
        var folder = Path.GetDirectoryName(Path.GetFullPath(list))!;
        PictureMove[] moves =
        [
            .. Encoding.UTF8.GetString(InputFile.ReadAllBytes(list, MostListBytes)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select((line, i) => Read(line, list, i + 1, folder)),
        ];
        var done = 0;
        foreach (var move in moves.Reverse())
        {
            var moved = Path.Combine(folder, move.To);
            if (!File.Exists(moved) && File.Exists(move.From))
                continue;
            if (!File.Exists(moved))
            {
                throw new FileNotFoundException(
                    $"'{moved}', which was '{move.From}', does not exist any more. Remove its line of '{list}'.");
            }
            if (File.Exists(move.From))
            {
                throw new IOException(
                    $"'{moved}' cannot go back: another file is at '{move.From}'. Move that away, or remove the line of '{list}'.");
            }
            Directory.CreateDirectory(Path.GetDirectoryName(move.From)!);
            File.Move(moved, move.From);
            done++;
        }
        File.Delete(list);
        return done;
    }

    private static PictureMove Read(string line, string list, int number, string folder)
    {
        try
        {
            if (JsonSerializer.Deserialize(line, MovesJson.Default.PictureMove) is { } move && Path.IsPathFullyQualified(move.From)
                && !Path.IsPathRooted(move.To) && PathNesting.IsWithin(folder, Path.Combine(folder, move.To)))
            {
                return move;
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"Line {number} of '{list}' is damaged: {e.Message} It is no list of moved pictures.", e);
        }
        throw new InvalidDataException($"Line {number} of '{list}' names a file outside its folder. It is no list of moved pictures.");
    }

    // Pictures of two folders may have one name.
    private static string Free(string folder, string name)
    {
        var (start, extension) = (Path.ChangeExtension(name, null), Path.GetExtension(name));
        for (var i = 2; Path.Exists(Path.Combine(folder, name)); i++)
            name = $"{start} ({i}){extension}";
        return name;
    }
}

/// <summary>Represents a moved picture.</summary>
/// <param name="From">The full path that it had.</param>
/// <param name="To">Its path in the folder of the list.</param>
internal sealed record PictureMove(string From, string To);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(PictureMove))]
internal sealed partial class MovesJson : JsonSerializerContext;
