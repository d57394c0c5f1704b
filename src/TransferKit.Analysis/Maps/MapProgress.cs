using TransferKit.Analysis.Features;

namespace TransferKit.Analysis.Maps;

/// <summary>Reports the progress of work in parts as one fraction, 0..1, that never falls.</summary>
internal sealed class MapProgress(IProgress<double>? progress)
{
    private double _before;

    /// <summary>Begins the next part.</summary>
    /// <param name="share">The share of the part in the whole.</param>
    public IProgress<double>? Part(double share)
    {
        var start = _before;
        _before += share;
        return progress is null ? null : new Relay<double>(done => progress.Report(start + share * done));
    }

    public void End() => progress?.Report(1);
}
