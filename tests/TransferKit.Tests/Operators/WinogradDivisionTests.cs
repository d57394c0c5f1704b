using TransferKit.Operators;

namespace TransferKit.Tests.Operators;

/// <summary>The division of a convolution into items, for maps and kernels of the networks that have such convolutions.</summary>
public sealed class WinogradDivisionTests
{
    private const int Rows = 8;

    // The tiles, panels and channels of ResNet50, VGG16, DenseNet121 and a batch of eight.
    private static readonly (int Tiles, int Panels, int Channels)[] Shapes =
    [
        (196, 2, 64), (49, 4, 128), (16, 8, 256), (4, 16, 512),
        (3136, 2, 64), (784, 4, 128), (49, 16, 512), (16, 16, 512),
        (196, 1, 128), (16, 1, 128), (8 * 196, 2, 64),
    ];

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(16)]
    public void Each_tile_and_panel_is_in_one_item(int threads)
    {
        foreach (var (tiles, panels, channels) in Shapes)
        {
            var division = WinogradDivision.Of(tiles, panels, channels, Rows, threads);
            Assert.Equal(0, division.Tiles % Rows);
            Assert.InRange(division.PanelGroups * division.Panels, panels, panels + division.Panels - 1);
            var tileGroups = division.Items / division.PanelGroups;
            Assert.Equal(division.Items, tileGroups * division.PanelGroups);
            Assert.InRange(tileGroups * division.Tiles, tiles, tiles + division.Tiles - 1);
        }
    }

    [Theory, InlineData(1), InlineData(2), InlineData(4), InlineData(16)]
    public void Threads_have_equal_parts_where_there_is_enough_work(int threads)
    {
        foreach (var (tiles, panels, channels) in Shapes)
        {
            var division = WinogradDivision.Of(tiles, panels, channels, Rows, threads);
            var turns = Quotient.RoundedUp(division.Items, threads);
            var products = Quotient.RoundedUp(tiles, Rows) * Rows * panels;
            // Fewer products than this would be hidden by what each item does beside them.
            if (products >= threads * 24)
                Assert.InRange(turns * division.Tiles * division.Panels, products / threads, products * 3 / 2 / threads);
        }
    }

    [Fact]
    public void One_thread_reads_each_panel_for_many_tiles()
    {
        var division = WinogradDivision.Of(49, 16, 512, Rows, threads: 1);
        Assert.Equal((56, 16, 1), (division.Tiles, division.Panels, division.Items));
    }

    [Fact]
    public void The_transformed_inputs_of_an_item_are_bounded()
    {
        foreach (var (tiles, panels, channels) in Shapes)
        {
            var division = WinogradDivision.Of(64 * tiles, panels, channels, Rows, threads: 1);
            Assert.InRange((long)division.Tiles * WinogradTile.Places * channels * sizeof(float), 1, 4 << 20);
        }
    }
}
