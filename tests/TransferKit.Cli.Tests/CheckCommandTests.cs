using System.Text.Json;

namespace TransferKit.Cli.Tests;

/// <summary>Checks a folder with a copy and a damaged picture as a user does.</summary>
public sealed class CheckCommandTests : IDisposable
{
    private readonly Transferkit _tool = new();

    [Fact]
    public void Findings_are_printed_and_written_and_pictures_move_only_where_they_are_told_to()
    {
        AddPictures("photos");
        AddPictures("test");

        var table = _tool.Run(
            "check", "photos", "--test", "test", "--input-size", "32x32", "--csv", "report.csv", "--html", "report.html");
        var moved = _tool.Run("check", "photos", "--input-size", "32x32", "--kinds", "duplicate,unreadable", "--move-to", "away", "--json");
        var isAway = File.Exists(_tool.File("away", "light", "copy.ppm")) && !File.Exists(_tool.File("photos", "light", "copy.ppm"));
        var undone = _tool.Run("check", "--undo", "away/moves.jsonl");

        Assert.True(table.ExitCode == 0, table.Error);
        Assert.Contains("unreadable: 2\n  photos/dark/bad.jpg  It cannot be read: the content is", table.Out);
        Assert.Contains("duplicate: 2\n  photos/light/copy.ppm  It has the same bytes as 'photos/light/0.ppm'.\n", table.Out);
        Assert.Contains("leak: 9\n", table.Out);
        Assert.Contains("duplicate,test/light/copy.ppm,test/light/0.ppm,light,,1,", File.ReadAllText(_tool.File("report.csv")));
        Assert.Contains("data:image/jpeg;base64,", File.ReadAllText(_tool.File("report.html")));
        Assert.True(moved.ExitCode == 0, moved.Error);
        using var json = JsonDocument.Parse(moved.Out);
        Assert.Equal(1, json.RootElement.GetProperty("counts").GetProperty("duplicate").GetInt32());
        Assert.Contains("transferkit check --undo", moved.Error);
        Assert.True(isAway);
        Assert.Equal("Moved 2 pictures back.\n", undone.Out);
        Assert.True(File.Exists(_tool.File("photos", "light", "copy.ppm")) && File.Exists(_tool.File("photos", "dark", "bad.jpg")));
    }

    [Fact]
    public void Misuse_ends_with_2_and_a_missing_folder_with_3()
    {
        AddPictures("photos");

        Assert.Equal(2, _tool.Run("check").ExitCode);
        Assert.Equal(2, _tool.Run("check", "photos", "--kinds", "ugly").ExitCode);
        Assert.Contains("--kinds", _tool.Run("check", "photos", "--move-to", "away").Error);
        Assert.Equal(2, _tool.Run("check", "photos", "--test", "photos/light", "--input-size", "32x32").ExitCode);
        Assert.Equal(3, _tool.Run("check", "nowhere", "--input-size", "32x32").ExitCode);
    }

    public void Dispose() => _tool.Dispose();

    private void AddPictures(string folder)
    {
        foreach (var (name, grey) in new[] { ("dark", 10), ("light", 200) })
        {
            Directory.CreateDirectory(_tool.File(folder, name));
            for (var i = 0; i < 4; i++)
            {
                byte[] pixels = [.. Enumerable.Range(0, 192).Select(p => (byte)(grey + 5 * i + p % 7))];
                File.WriteAllBytes(_tool.File(folder, name, $"{i}.ppm"), [.. "P6 8 8 255\n"u8, .. pixels]);
            }
        }
        File.Copy(_tool.File(folder, "light", "0.ppm"), _tool.File(folder, "light", "copy.ppm"));
        File.WriteAllText(_tool.File(folder, "dark", "bad.jpg"), "no picture");
    }
}
