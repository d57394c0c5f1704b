using TransferKit.Configs.Files;

namespace TransferKit.Tests.Configs.Files;

/// <summary>Opens files of whole models that are damaged, hostile, or contradict themselves.</summary>
public sealed class KerasModelFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Theory]
    [InlineData("\"units\": 3,", "\"units\": 4,", "dense")]
    [InlineData("\"filters\": 4,", "\"filters\": 5,", "conv")]
    public void Weights_that_do_not_fit_the_configuration_are_refused_with_the_layer(string from, string to, string layer)
    {
        var path = Changed("nested-frozen.keras", config => config.Replace(from, to, StringComparison.Ordinal));
        var e = Assert.Throws<WeightsMismatchException>(() => KerasModelFile.Open(path));
        Assert.Equal(layer, e.Layer);
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_without_a_configuration_is_refused()
    {
        var path = Changed("nested-frozen.keras", _ => null);
        Assert.Contains(
            "weights without a model",
            Assert.Throws<KerasModelException>(() => KerasModelFile.Open(path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_that_would_unpack_to_more_than_the_limit_is_refused_before_it_is_unpacked()
    {
        var path = Changed("nested-frozen.keras", config => config + new string(' ', 65 << 20));
        Assert.Contains(
            "the limit is", Assert.Throws<WeightsFormatException>(() => KerasModelFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_members_of_an_archive_are_never_unpacked()
    {
        var path = Changed("nested-frozen.keras", config => config, extra: "../outside.txt");
        using var file = KerasModelFile.Open(path);
        Assert.False(File.Exists(Path.Combine(_folder, "..", "outside.txt")));
    }

    [Fact]
    public void A_file_of_weights_alone_is_refused_with_the_way_to_load_it()
    {
        var path = Goldens.Path("h5", "legacy.h5");
        Assert.Contains(
            "Backbone.Load", Assert.Throws<KerasModelException>(() => KerasModelFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_one_of_another_format_are_told_apart()
    {
        Assert.Throws<FileNotFoundException>(() => KerasModelFile.Open(Path.Combine(_folder, "absent.keras")));
        var path = Path.Combine(_folder, "page.keras");
        File.WriteAllText(path, "<html>");
        Assert.Throws<WeightsFormatException>(() => KerasModelFile.Open(path));
    }

    [Fact]
    public void The_version_of_Keras_is_read()
    {
        using var file = KerasModelFile.Open(KerasModelGoldens.Path("nested-frozen.keras"));
        Assert.StartsWith("3.", file.KerasVersion, StringComparison.Ordinal);
        using var old = KerasModelFile.Open(KerasModelGoldens.Path("keras2-nested.h5"));
        Assert.Equal("2.11.0", old.KerasVersion);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Changed(string file, Func<string, string?> change, string? extra = null)
    {
        var path = Path.Combine(_folder, "changed.keras");
        KerasModelGoldens.Change(file, path, change, extra);
        return path;
    }
}
