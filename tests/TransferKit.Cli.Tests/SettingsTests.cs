using System.Diagnostics;

namespace TransferKit.Cli.Tests;

public sealed class SettingsTests : IDisposable
{
    private const string Key = "resnet50";

    private readonly Transferkit _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void An_option_precedes_the_environment_which_precedes_the_working_folder_which_precedes_the_user()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Windows has no variable for the user's folder of settings.");
        Assert.Equal(_tool.File("keras", "models"), Cache());
        Write("config/transferkit/transferkit.json", """{ "cache": "of-user" }""");
        Assert.Equal(_tool.File("config", "transferkit", "of-user"), Cache());
        Write("transferkit.json", """{ "cache": "of-folder" } // a comment""");
        Assert.Equal(_tool.File("of-folder"), Cache());
        _tool.Variables["TRANSFERKIT_CACHE"] = _tool.File("of-environment");
        Assert.Equal(_tool.File("of-environment"), Cache());
        Assert.Equal(_tool.File("of-option"), Cache("--cache", _tool.File("of-option")));
    }

    [Fact]
    public void A_file_sets_the_network_of_commands_that_need_one_and_model_still_excludes_only_what_was_typed()
    {
        Write("transferkit.json", $$"""{ "backbone": "{{Key}}", "mirror": ["weights", "https://example.org/"], "offline": true }""");
        File.WriteAllBytes(_tool.File("a.png"), []);
        _tool.Variables["TRANSFERKIT_OFFLINE"] = "";

        var (exitCode, _, error) = _tool.Run("explain", "a.png");
        Assert.Equal(1, exitCode);
        Assert.Contains("resnet50_weights_tf_dim_ordering_tf_kernels.h5", error);
        (exitCode, _, error) = _tool.Run("explain", "a.png", "--model", "absent.h5");
        Assert.Equal(3, exitCode);
        Assert.Contains("absent.h5", error);

        var (_, help, _) = _tool.Run("explain", "--help");
        var words = help.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains($"transferkit.json sets {Key}.", string.Join(' ', words));
    }

    [Fact]
    public void Doctor_names_the_source_of_each_setting_and_a_variable_that_nothing_reads()
    {
        Write("transferkit.json", $$"""{ "backbone": "{{Key}}" }""");
        _tool.Variables["TRANSFERKIT_MIRROR"] = "https://example.org/a;b";
        _tool.Variables["TRANSFERKIT_CAHCE"] = "elsewhere";

        var (_, output, _) = _tool.Run("doctor", "--cache", _tool.File("c"));

        var line = output.Split('\n').Single(l => l.Contains(" settings ", StringComparison.Ordinal));
        Assert.StartsWith("warning ", line);
        Assert.Contains("cache is set by --cache", line);
        Assert.Contains($"backbone is {Key} by {_tool.File("transferkit.json")}", line);
        Assert.Contains($"mirror is https://example.org/a, {_tool.File("b")} by TRANSFERKIT_MIRROR", line);
        Assert.Contains("TRANSFERKIT_CAHCE has no meaning", line);
    }

    [Theory]
    [InlineData("""{ "bakcbone": "vgg16" }""", "'bakcbone'", "'backbone'")]
    [InlineData("""{ "backbone": "vgg61" }""", "vgg61", "'vgg16'")]
    [InlineData("""{ "backbone": 3 }""", "backbone", "a text")]
    [InlineData("""{ "offline": "yes" }""", "offline", "true or false")]
    [InlineData("""{ "mirror": [1] }""", "mirror", "an array of texts")]
    [InlineData("""{ "cache": "a", "cache": "b" }""", "cache", "JSON")]
    [InlineData("""{ "cache": { "a": { } } }""", "JSON", "depth")]
    [InlineData("[]", "object", "backbone")]
    [InlineData("{", "JSON", "BytePosition")]
    public void A_file_that_is_wrong_is_refused_by_its_path_and_the_fault(string text, string fault, string more)
    {
        Write("transferkit.json", text);

        var error = Assert.Throws<ArgumentException>(() => SettingsFile.Read(_tool.File("transferkit.json")));

        Assert.All([_tool.File("transferkit.json"), fault, more], part => Assert.Contains(part, error.Message));
    }

    [Fact]
    public void A_wrong_setting_ends_a_command_with_one_line()
    {
        _tool.Variables["TRANSFERKIT_BACKBONE"] = "vgg61";

        var (exitCode, output, error) = _tool.Run("models");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("transferkit: TRANSFERKIT_BACKBONE sets backbone to 'vgg61'", error);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_large_file_is_not_read()
    {
        Write("transferkit.json", new string(' ', 70_000));

        Assert.Contains("bytes", Assert.Throws<ArgumentException>(() => SettingsFile.Read(_tool.File("transferkit.json"))).Message);
    }

    [Fact]
    public void A_pipe_of_that_name_is_refused_and_does_not_block()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' pipes have no place in a folder.");
        using (var made = Process.Start("mkfifo", [_tool.File("transferkit.json")]))
            made.WaitForExit();

        var error = Assert.ThrowsAny<UnauthorizedAccessException>(() => SettingsFile.Read(_tool.File("transferkit.json")));

        Assert.Contains("is a pipe", error.Message);
    }

    private string Cache(params string[] options)
    {
        var (_, output, error) = _tool.Run(["weights", "path", Key, .. options]);
        Assert.Empty(error);
        return Path.GetDirectoryName(output.Trim())!;
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_tool.File(path))!);
        File.WriteAllText(_tool.File(path), text);
    }
}
