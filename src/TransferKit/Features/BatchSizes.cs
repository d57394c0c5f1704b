using TransferKit.Engine;

namespace TransferKit.Features;

/// <summary>
/// Chooses the number of files in each batch: the caller's, or the fastest of a few sizes, which are tried on the first batches. The
/// measured time includes the wait for cores, since cores idle between batches.
/// </summary>
internal sealed class BatchSizes
{
    private const long MostPixelBytes = 1 << 26;
    private const int Rounds = 2;
    private static readonly int[] ForEachCore = [8, 16];
    // A larger batch takes more memory and delays the first rows, so it must be faster by a margin.
    private const double RequiredGain = 0.98;

    private readonly Lock _lock = new();
    private readonly int[] _sizes;
    private readonly (double Seconds, long Images)[] _measured;
    private int _started;
    private int _recorded;
    private int? _chosen;

    /// <param name="asked">The caller's size; null to choose the fastest.</param>
    /// <param name="imageBytes">The size of an image's pixels in bytes.</param>
    /// <param name="largest">The maximum number of images in a batch.</param>
    public BatchSizes(int? asked, int imageBytes, int largest)
    {
        _chosen = asked is { } size ? Math.Min(size, largest) : null;
        var most = (int)Math.Clamp(MostPixelBytes / imageBytes, 1, largest);
        _sizes = [.. ForEachCore.Select(each => Math.Min(each * ProcessorShare.Processors, most)).Distinct()];
        _measured = new (double, long)[_sizes.Length];
        Largest = _chosen ?? _sizes[^1];
    }

    /// <summary>Gets the largest size that <see cref="Next"/> can return.</summary>
    public int Largest { get; }

    /// <summary>Returns the size of the next batch. The largest is tried first, so that memory does not grow later.</summary>
    public int Next()
    {
        lock (_lock)
            return _chosen ?? _sizes[^(1 + _started++ % _sizes.Length)];
    }

    /// <summary>Records the time of a batch. Batches are recorded in the order of <see cref="Next"/>.</summary>
    public void Measured(int files, int images, double seconds)
    {
        lock (_lock)
        {
            // The first round does not count: the engine allocates its memory for each size.
            if (_chosen is not null || _recorded++ < _sizes.Length || Array.IndexOf(_sizes, files) is not (>= 0 and var at))
                return;
            _measured[at] = (_measured[at].Seconds + seconds, _measured[at].Images + images);
            if (_recorded == (1 + Rounds) * _sizes.Length)
                _chosen = Fastest();
        }
    }

    private int Fastest()
    {
        var best = 0;
        for (var i = 1; i < _sizes.Length; i++)
        {
            if (SecondsPerImage(i) < RequiredGain * SecondsPerImage(best))
                best = i;
        }
        return _sizes[best];
    }

    // A size whose batches had no readable image has no speed, and is not chosen.
    private double SecondsPerImage(int size) => _measured[size] is { Images: > 0 } m ? m.Seconds / m.Images : double.MaxValue;
}
