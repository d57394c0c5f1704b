using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Checking;

public sealed class PictureMovesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Pictures_move_with_their_folders_and_come_back()
    {
        var (first, second) = (Add("photos/cats/1.jpg"), Add("test/cats/1.jpg"));

        var list = PictureMoves.Move(
            [Finding("photos"), Finding("photos") with { Kind = DataFindingKind.Blank }, Finding("test")], _folder.File("away"))!;

        Assert.False(File.Exists(first) || File.Exists(second));
        Assert.Equal("photos/cats/1.jpg", File.ReadAllText(_folder.File("away", "cats", "1.jpg")));
        Assert.Equal("test/cats/1.jpg", File.ReadAllText(_folder.File("away", "cats", "1 (2).jpg")));
        Assert.Equal(2, PictureMoves.Undo(list));
        Assert.Equal("photos/cats/1.jpg", File.ReadAllText(first));
        Assert.Equal("test/cats/1.jpg", File.ReadAllText(second));
        Assert.False(File.Exists(list));
    }

    [Fact]
    public void A_list_of_an_interrupted_move_is_undone_and_nothing_is_overwritten()
    {
        var (first, second) = (Add("photos/cats/1.jpg"), Add("photos/cats/2.jpg"));
        var list = PictureMoves.Move([Finding("photos"), Finding("photos") with { Name = "cats/2.jpg" }], _folder.File("away"))!;
        File.Move(_folder.File("away", "cats", "2.jpg"), second);
        Add("photos/cats/1.jpg");

        var error = Assert.Throws<IOException>(() => PictureMoves.Undo(list));
        File.Delete(first);

        Assert.Contains("another file", error.Message);
        Assert.Equal(1, PictureMoves.Undo(list));
        Assert.True(File.Exists(first) && File.Exists(second));
    }

    [Theory]
    [InlineData("{\"from\": \"/x/a.jpg\", \"to\": \"../../etc/passwd\"}")]
    [InlineData("{\"from\": \"a.jpg\", \"to\": \"b.jpg\"}")]
    [InlineData("{\"from\": \"/x/a.jpg\"}")]
    [InlineData("nonsense")]
    public void A_list_that_is_none_is_refused(string line)
    {
        File.WriteAllText(_folder.File("moves.jsonl"), line);

        Assert.Throws<InvalidDataException>(() => PictureMoves.Undo(_folder.File("moves.jsonl")));
    }

    [Fact]
    public void A_folder_in_that_of_the_pictures_is_refused_and_classes_are_not_moved()
    {
        Add("photos/cats/1.jpg");

        Assert.Throws<ArgumentException>(() => PictureMoves.Move([Finding("photos")], _folder.File("photos", "away")));
        Assert.Null(PictureMoves.Move([Finding("photos") with { Kind = DataFindingKind.Imbalance }], _folder.File("away")));
    }

    public void Dispose() => _folder.Dispose();

    private DataFinding Finding(string folder) =>
        new() { Kind = DataFindingKind.Duplicate, Folder = _folder.File(folder), Name = "cats/1.jpg", Message = "" };

    private string Add(string name)
    {
        var path = _folder.File(name.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, name);
        return path;
    }
}
