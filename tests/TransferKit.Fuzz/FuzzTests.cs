using System.Text;

namespace TransferKit.Fuzz;

/// <summary>A minute of what the command does for hours: no input crashes a reader, hangs it, or ends in an untyped exception.</summary>
public sealed class FuzzTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("jpeg", 1000)]
    [InlineData("png", 1000)]
    [InlineData("gif", 1000)]
    [InlineData("bmp", 1000)]
    [InlineData("webp", 1000)]
    [InlineData("tiff", 1000)]
    public void Every_input_is_read_or_refused_by_name(string format, int count)
    {
        var findings = new Campaign(FuzzFormat.Find(format), new() { Count = count, Seed = 1, Hang = 120, Folder = _folder }).Run();
        TestContext.Current.TestOutputHelper!.WriteLine($"{Findings.Header}\n{findings}");
        Assert.Equal(count, findings.Inputs);
        Assert.True(findings.AreClean, findings.ToString());
    }

    [Theory]
    [InlineData("hdf5", 2000)]
    [InlineData("keras", 2000)]
    [InlineData("config", 1000)]
    public void Every_weight_file_is_read_or_refused_by_name(string format, int count)
    {
        Assert.SkipWhen(ReadsByPureHdf, "PureHDF ends in a stack overflow on some inputs.");
        Every_input_is_read_or_refused_by_name(format, count);
    }

    [Fact]
    public void Every_description_is_read_or_refused_by_name()
    {
        Assert.SkipUnless(RefusesAnUnknownBackbone(), "A description that names no backbone ends in an exception of misuse.");
        Every_input_is_read_or_refused_by_name("trained", 2000);
    }

    private bool RefusesAnUnknownBackbone()
    {
        var format = FuzzFormat.Find("trained");
        var path = Path.Combine(_folder, "unknown.h5.json");
        File.WriteAllText(path, Encoding.UTF8.GetString(format.Corpus[0]).Replace("mobilenetv2", "no_such", StringComparison.Ordinal));
        return Record.Exception(() => format.Run(path)) is TransferKitException;
    }

    private static bool ReadsByPureHdf => typeof(TransferKitException).Assembly.GetReferencedAssemblies().Any(a => a.Name == "PureHDF");

    [Fact]
    public void An_input_is_the_same_for_the_same_seed_and_number()
    {
        foreach (var format in FuzzFormat.All)
        {
            Assert.NotEmpty(format.Corpus);
            for (var number = 0; number < 20; number++)
                Assert.Equal(format.Input(3, number), format.Input(3, number));
            Assert.NotEqual(format.Input(3, 1), format.Input(4, 1));
        }
    }

    [Fact]
    public void The_page_of_reliability_states_the_numbers_of_the_code()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Tests, "..", "docs", "reliability.md"));

        Assert.Contains($"`--hang` seconds (default: {new CampaignPlan().Hang})", page);
        Assert.Contains($"smaller than {FuzzFormat.LargestSeed / 1000} kB", page);
        Assert.Equal((100, 3), (Campaign.MostDeaths, Findings.Kept));
        Assert.Contains("after a hundred, the run", page);
        Assert.Contains("The first three inputs of each kind", page);
        Assert.All(FuzzFormat.All, format => Assert.Contains($"| `{format.Name}` | ", page));
    }

    // Mutations that no reader gets past the checksum of would prove nothing.
    [Fact]
    public void Checksums_are_the_formats_own()
    {
        Assert.Equal(0xcbf43926, Checksums.Crc32("123456789"u8));
        var superblock = File.ReadAllBytes(Path.Combine(Repository.Tests, "TransferKit.Fuzz", "corpus", "new_contiguous.h5")).AsSpan(0, 48);
        Assert.Equal(BitConverter.ToUInt32(superblock[44..]), Checksums.Lookup3(superblock[..44]));
    }

    [Fact]
    public void A_crash_a_hang_and_an_untyped_exception_are_each_counted_and_saved()
    {
        const int Count = 24;
        var format = FuzzFormat.SelfTest;
        int[] Numbers(int kind) => [.. Enumerable.Range(0, Count).Where(n => format.Input(1, n).FirstOrDefault() == kind)];
        var findings = new Campaign(format, new() { Count = Count, Hang = 5, Folder = _folder }).Run();
        Assert.Equal(
            (Count, Numbers(1).Length, Numbers(2).Length, Numbers(3).Length),
            (findings.Inputs, findings.Crashes, findings.Hangs, findings.Untyped));
        Assert.All([1, 2, 3], kind => Assert.NotEmpty(Numbers(kind)));
        foreach (var number in Numbers(3).Take(3))
            Assert.Equal(format.Input(1, number), File.ReadAllBytes(Path.Combine(_folder, $"self-test-1-{number}.bin")));
    }
}
