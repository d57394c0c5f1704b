namespace TransferKit.Operators;

/// <summary>
/// Divides a <see cref="WinogradConvolution"/> into items. An item transforms the inputs of some tiles and multiplies them by some panels
/// of the kernel. Tiles whose panels are divided are transformed once for each, because reading what another core has written can take
/// longer than transforming it again.
/// </summary>
internal readonly struct WinogradDivision
{
    // What an item does beside its products, in the time of the products of a tile and a panel: to transform the inputs of a tile, and to
    // read the kernel of a panel.
    private const double TransformTime = 0.2;
    private const double KernelTime = 4;

    // The transformed inputs of an item should stay in the core's caches. Each item reads the whole kernel of its panels, so larger
    // kernels get larger items, up to a bound.
    private const long FewestBytes = 512 << 10;
    private const long MostBytes = 4 << 20;

    /// <summary>The number of tiles of an item.</summary>
    public int Tiles { get; private init; }

    /// <summary>The number of panels of an item.</summary>
    public int Panels { get; private init; }

    /// <summary>The number of items that have the same tiles.</summary>
    public int PanelGroups { get; private init; }

    public int Items { get; private init; }

    /// <summary>Returns the division that takes the least time.</summary>
    /// <param name="tiles">The number of tiles.</param>
    /// <param name="panels">The number of panels of the kernel.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="rows">The number of tiles that are multiplied together, of which an item has a multiple.</param>
    /// <param name="threads">The number of threads.</param>
    public static WinogradDivision Of(int tiles, int panels, int channels, int rows, int threads)
    {
        var bytesOfTile = (long)sizeof(float) * WinogradTile.Places * channels;
        var bytes = Math.Clamp(bytesOfTile * WinogradConvolution.Panel * panels, FewestBytes, MostBytes);
        var most = Math.Clamp(bytes / (bytesOfTile * rows), 1, Quotient.RoundedUp(tiles, rows)) * rows;
        var best = default(WinogradDivision);
        var least = double.PositiveInfinity;
        for (var ofTiles = rows; ofTiles <= most; ofTiles += rows)
        {
            for (var ofPanels = 1; ofPanels <= panels; ofPanels++)
            {
                var panelGroups = Quotient.RoundedUp(panels, ofPanels);
                var items = checked(Quotient.RoundedUp(tiles, ofTiles) * panelGroups);
                var time = Quotient.RoundedUp(items, threads) * (ofTiles * (TransformTime + ofPanels) + ofPanels * KernelTime);
                if (time >= least)
                    continue;
                least = time;
                best = new() { Tiles = ofTiles, Panels = ofPanels, PanelGroups = panelGroups, Items = items };
            }
        }
        return best;
    }
}
