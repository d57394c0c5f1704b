using TransferKit.Tests;

namespace TransferKit.Architecture.Tests;

public class LineTests
{
    private static readonly string Root = Path.GetFullPath(Goldens.Path("..", ".."));

    [Fact]
    public void Lines_of_code_have_at_most_140_columns() => Assert.Empty(
        from folder in new[] { "src", "tests", "benchmarks", "docs" }
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        let name = Path.GetRelativePath(Root, file).Replace('\\', '/')
        where !name.Split('/').Any(part => part is "bin" or "obj")
        from line in File.ReadLines(file).Index()
        where line.Item.Length > 140
        select $"{name}:{line.Index + 1} has {line.Item.Length} columns");
}
