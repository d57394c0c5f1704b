namespace TransferKit.Tests;

/// <summary>Finds the ground truth in <c>tests/goldens</c> from any working folder.</summary>
internal static class Goldens
{
    private static readonly string Root = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var goldens = System.IO.Path.Combine(folder.FullName, "tests", "goldens");
            if (Directory.Exists(goldens))
                return goldens;
        }
        throw new DirectoryNotFoundException($"No tests/goldens above {AppContext.BaseDirectory}.");
    }
}
