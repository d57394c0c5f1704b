using TransferKit.Analysis.Tests.Maps;
using TransferKit.PublicApi.Tests;

namespace TransferKit.Analysis.Tests.Checking;

/// <summary>Looks at the page of a check in a real browser.</summary>
public sealed class DataPageInBrowserTests(Chromium browser) : IClassFixture<Chromium>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(240)]
    [InlineData(400)]
    [InlineData(1200)]
    public async Task Two_pictures_of_a_finding_are_side_by_side_and_do_not_touch(int width)
    {
        Assert.SkipUnless(Chromium.Executable is not null, Chromium.Absent);
        string[] files = [_folder.File("a.png"), _folder.File("b.png")];
        foreach (var file in files)
            Planted.Save(RgbImage.FromRgb24(64, 48, new byte[64 * 48 * 3]), file);
        var finding = new DataFinding
        {
            Kind = DataFindingKind.Duplicate,
            Name = files[0],
            Other = files[1],
            Message = "It has the same bytes.",
        };
        new DataReport([finding], 2, []).SaveHtml(_folder.File("report.html"));

        await browser.CallAsync("Emulation.setDeviceMetricsOverride", new()
        {
            ["width"] = width,
            ["height"] = 800,
            ["deviceScaleFactor"] = 1,
            ["mobile"] = false,
        });
        await browser.OpenAsync(_folder.File("report.html"));
        var places = await browser.EvaluateAsync<double[]>(
            "[...document.images].flatMap(i => (b => [b.left, b.right, b.top])(i.getBoundingClientRect()))");

        Assert.Equal(6, places.Length);
        Assert.Equal(places[2], places[5]);
        Assert.InRange(places[3] - places[1], 2, 20);
        Assert.InRange(places[4], places[3], width - 16);
    }

    public void Dispose() => _folder.Dispose();
}
