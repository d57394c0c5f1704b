using TransferKit.Engine;

namespace TransferKit.Features;

/// <summary>
/// How many files go into each batch: as many as the user said, or as many as the first of them show to be fastest. What counts is
/// the time for which a batch holds the cores, waiting for them included: between batches a core may wait for another, and a small
/// batch takes less memory.
/// </summary>
internal sealed class BatchSizes
{
    private const long MostPixelBytes = 1 << 26;
    private const int Rounds = 2;
    private static readonly int[] ForEachCore = [8, 16];
    // A larger batch takes memory and makes the first rows late, so it has to gain something.
    private const double WorthIt = 0.98;

    private readonly Lock _lock = new();
    private readonly int[] _sizes;
    private readonly (double Seconds, long Images)[] _measured;
    private int _given;
    private int _taken;
    private int? _chosen;

    /// <param name="asked">What the user said; null to measure.</param>
    /// <param name="imageBytes">Bytes of an image's pixels.</param>
    /// <param name="largest">How many images a batch may have at most.</param>
    public BatchSizes(int? asked, int imageBytes, int largest)
    {
        _chosen = asked is { } size ? Math.Min(size, largest) : null;
        var most = (int)Math.Clamp(MostPixelBytes / imageBytes, 1, largest);
        _sizes = [.. ForEachCore.Select(each => Math.Min(each * ProcessorShare.Cores, most)).Distinct()];
        _measured = new (double, long)[_sizes.Length];
        Largest = _chosen ?? _sizes[^1];
    }

    /// <summary>The largest size that <see cref="Next"/> may give.</summary>
    public int Largest { get; }

    /// <summary>The size of the next batch; of those on trial the largest first, so that memory grows no more after the first batch.</summary>
    public int Next()
    {
        lock (_lock)
            return _chosen ?? _sizes[^(1 + _given++ % _sizes.Length)];
    }

    /// <summary>Tells how long a batch of a size took; of the same size as those that <see cref="Next"/> gave, in that order.</summary>
    public void Measured(int files, int images, double seconds)
    {
        lock (_lock)
        {
            // The first round allocates the engine's memory.
            if (_chosen is not null || _taken++ < _sizes.Length || Array.IndexOf(_sizes, files) is not (>= 0 and var at))
                return;
            _measured[at] = (_measured[at].Seconds + seconds, _measured[at].Images + images);
            if (_taken == (1 + Rounds) * _sizes.Length)
                _chosen = Fastest();
        }
    }

    private int Fastest()
    {
        var best = 0;
        for (var i = 1; i < _sizes.Length; i++)
        {
            if (SecondsPerImage(i) < WorthIt * SecondsPerImage(best))
                best = i;
        }
        return _sizes[best];
    }

    // A size of which no file was an image is not chosen.
    private double SecondsPerImage(int size) => _measured[size] is { Images: > 0 } m ? m.Seconds / m.Images : double.MaxValue;
}
