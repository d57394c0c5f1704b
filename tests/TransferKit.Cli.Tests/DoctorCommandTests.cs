using System.Text.Json;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

public sealed class DoctorCommandTests : IDisposable
{
    private readonly Transferkit _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void A_machine_that_has_all_is_good_in_every_check()
    {
        var (exitCode, output, _) = _tool.Run("doctor", "--json");

        Assert.Equal(0, exitCode);
        using var json = JsonDocument.Parse(output);
        var states = json.RootElement.EnumerateArray()
            .ToDictionary(c => c.GetProperty("check").GetString()!, c => c.GetProperty("state").GetString());
        Assert.Equal(
            ["cache", "engine", "first vector", "network", "pictures", "processor", "runtime", "settings", "training"],
            states.Keys.Order());
        Assert.All(["cache", "engine", "first vector", "network", "pictures", "runtime"], check => Assert.Equal("good", states[check]));
    }

    [Theory, InlineData("libonnxruntime.so", "engine"), InlineData("libSkiaSharp.so", "pictures")]
    public void A_library_that_is_missing_fails_its_check_with_a_cure(string library, string check)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The names of libraries are Linux'.");
        var copy = Directory.CreateDirectory(_tool.File("tool")).FullName;
        Copy(AppContext.BaseDirectory, copy, library);

        var (exitCode, output, _) = _tool.RunFrom(copy, "doctor");

        Assert.Equal(3, exitCode);
        var lines = output.Split('\n');
        var failed = Array.FindIndex(lines, l => l.StartsWith($"failed   {check} ", StringComparison.Ordinal));
        Assert.True(failed >= 0, output);
        Assert.EndsWith("or one of its dependencies.", lines[failed]);
        Assert.Contains("dotnet publish -r", lines[failed + 1]);
        Assert.Contains("good     runtime", output);
    }

    [Theory, InlineData("libonnxruntime.so"), InlineData("libSkiaSharp.so")]
    public void An_extraction_ends_where_a_library_is_missing_instead_of_skipping_pictures(string library)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The names of libraries are Linux'.");
        var copy = Directory.CreateDirectory(_tool.File("tool")).FullName;
        Copy(AppContext.BaseDirectory, copy, library);
        Directory.CreateDirectory(_tool.File("photos"));
        File.Copy(Goldens.Path("images", "astronaut.png"), _tool.File("photos", "picture.png"));

        var (exitCode, _, error) = _tool.RunFrom(copy, "extract", "photos", "--out", "features.npz");

        Assert.Equal(3, exitCode);
        Assert.Contains($"{Path.GetFileNameWithoutExtension(library).Replace("lib", "", StringComparison.Ordinal)} is missing", error);
        Assert.Contains("dotnet tool uninstall", error);
        Assert.DoesNotContain("skipped", error);
        Assert.False(File.Exists(_tool.File("features.npz")));
    }

    [Fact]
    public void A_cache_that_cannot_be_made_fails_its_check()
    {
        File.WriteAllText(_tool.File("file"), "");

        var (exitCode, output, _) = _tool.Run("doctor", "--cache", _tool.File("file", "models"));

        Assert.Equal(3, exitCode);
        Assert.Contains("failed   cache", output);
    }

    // Links keep the copy small; the assembly itself is copied, because its folder is where the runtime looks for natives.
    private static void Copy(string from, string to, string leftOut)
    {
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != leftOut))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            if (file.EndsWith(".dll", StringComparison.Ordinal) || file.EndsWith(".json", StringComparison.Ordinal))
                File.Copy(file, target);
            else
                File.CreateSymbolicLink(target, file);
        }
    }
}
