using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Resizing;
using TransferKit.Imaging.Skia;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Decodes JPEGs of the usual kinds with the same pixels as libjpeg. These have eight bits, Huffman codes, sequential or progressive scans,
/// and one or three components; chroma may be halved in width and height. Damaged ones are read a second time, by libjpeg's rules for
/// damage; other kinds are left to libjpeg itself.
/// </summary>
internal sealed unsafe partial class JpegPicture : IEncodedPicture, IDisposable
{
    /// <summary>The largest working memory; pictures that need more are left to libjpeg.</summary>
    private const long MostBytes = 1 << 29;

    // Folders have many pictures, so each thread reuses one object for one picture after another.
    [ThreadStatic]
    private static JpegPicture? t_idle;

    private readonly JpegHeader _header = new([new(), new(), new()]);
    private byte* _jpeg;
    private int _length;
    private int _maxScans;
    private JpegMemory _memory;
    private byte* _window;
    private JpegSamples _samples;
    private int _scale;
    private bool _isDamaged;

    private JpegPicture()
    {
    }

    public int Width => JpegDraft.Scaled(_header.Width, _scale);

    public int Height => JpegDraft.Scaled(_header.Height, _scale);

    public int Orientation { get; private set; }

    private ReadOnlySpan<byte> File => new(_jpeg, _length);

    /// <summary>Opens a JPEG.</summary>
    /// <param name="jpeg">Content of the file, which must stay in place until the picture is disposed.</param>
    /// <param name="length">Number of bytes.</param>
    /// <param name="options">Limits, and whether orientation and scaling apply.</param>
    /// <param name="wanted">Requested size, or null if the caller has none.</param>
    /// <param name="isDamaged">Whether invalid codes, missing data and numbers that overflow are read as libjpeg reads them.</param>
    /// <returns>
    /// Null for a picture that is left to libjpeg. That includes pictures beyond a limit, which the fallback refuses with an error.
    /// </returns>
    public static JpegPicture? Open(byte* jpeg, int length, ImageDecodeOptions options, ImageSize? wanted = null, bool isDamaged = false)
    {
        var picture = t_idle ?? new();
        t_idle = null;
        picture._isDamaged = isDamaged;
        var isOpen = false;
        try
        {
            isOpen = picture.TryOpen(jpeg, length, options, wanted);
        }
        finally
        {
            if (!isOpen)
            {
                picture.Dispose();
            }
        }
        return isOpen ? picture : null;
    }

    public bool TryRead<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        foreach (var component in _header.Components)
        {
            if (!component.Quantisers->Build(_header.Quantiser(component.Quantiser, File)))
            {
                return false;
            }
        }
        return (_isDamaged, IsStreamed(_header)) switch
        {
            (true, true) => TryReadDamaged(ref rows, in watch),
            (false, true) => TryReadRowByRow(ref rows, in watch),
            _ => TryReadScans(in watch) && TryWrite(ref rows, in watch),
        };
    }

    /// <summary>Releases the memory and makes the object available to the next picture on this thread.</summary>
    public void Dispose()
    {
        _memory.Dispose();
        _memory = default;
        t_idle = this;
    }

    private bool TryOpen(byte* jpeg, int length, ImageDecodeOptions options, ImageSize? wanted)
    {
        _header.Begin();
        // Samples are assembled in vectors, whose first byte must be the lowest.
        if (!BitConverter.IsLittleEndian || _header.Next(new(jpeg, length)) != JpegPart.Scan
            || !ImageLimits.Allow(_header.Width, _header.Height, options) || !JpegMarkers.MayHold(_header.Width, _header.Height, length))
        {
            return false;
        }
        PictureSize.Record(_header.Width, _header.Height);
        Orientation = options.ApplyExifOrientation && _header.HasExif ? SkiaPicture.OrientationOf(jpeg, length) : 1;
        _scale = JpegDraft.ScaleFor(_header.Width, _header.Height, Orientation, options, wanted);
        // The overflows of the other transforms are not known.
        if (!CanWiden || (_isDamaged && (_scale != JpegDraft.Whole || options.DctMethod == DctMethod.IntegerFast)))
        {
            return false;
        }
        var bytes = JpegMemory.Rounded(EntropyReader.WindowBytes) + JpegSamples.Bytes(_header);
        foreach (var component in _header.Components)
        {
            component.Fit(_header, IsStreamed(_header) ? 1 : _header.McusDown, BlockSize(component));
            bytes += component.Bytes;
        }
        if (bytes > MostBytes)
        {
            return false;
        }
        _jpeg = jpeg;
        _length = length;
        _maxScans = options.MaxScans;
        _memory = new((int)bytes);
        _window = _memory.Take(EntropyReader.WindowBytes);
        var transform = _isDamaged ? JpegTransform.Wrapping
            : options.DctMethod == DctMethod.IntegerFast ? JpegTransform.Fast
            : JpegTransform.Accurate;
        _samples = new(_header, _scale, transform, ref _memory);
        foreach (var component in _header.Components)
        {
            component.TakeMemory(ref _memory, isDamaged: _isDamaged);
        }
        return true;
    }

    /// <summary>Returns whether one scan has all coefficients, so that one row of MCUs in memory suffices.</summary>
    private static bool IsStreamed(JpegHeader header) => !header.IsProgressive && header.Scan.Components == header.Components.Length;

    /// <summary>
    /// Returns the number of samples of a block in each direction. In a scaled picture, chroma that is halved in both directions is decoded
    /// at up to twice the scale and needs no upsampling. libjpeg does so only if both directions allow it.
    /// </summary>
    private int BlockSize(JpegComponent component) => _header.MostHorizontal == _header.MostVertical
        ? Math.Min(_scale * _header.MostHorizontal / component.Horizontal, JpegDraft.Whole)
        : _scale;

    /// <summary>
    /// Gets whether <see cref="ChromaRow"/> upsamples as libjpeg does. libjpeg does not smooth if a block gives one sample or a chroma row
    /// has at most two.
    /// </summary>
    private bool CanWiden =>
        _header.MostHorizontal == _header.MostVertical || (_scale > 1 && (_header.MostHorizontal == 1 || Width > 4));

    private bool TryReadRowByRow<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        if (!TryPrepare())
        {
            return false;
        }
        var scan = new JpegScan(_header, _jpeg, _jpeg + _length, _window);
        for (var row = 0; row < scan.Rows; row++)
        {
            watch.Check();
            if (!scan.TryReadRow<SequentialBlock>(0) || !_samples.TryWrite(row, 0, ref rows))
            {
                return false;
            }
        }
        return scan.IsAtEnd() && Next(scan.Source) == JpegPart.End;
    }

    private bool TryReadScans(in DecodeWatch watch)
    {
        JpegPart next;
        var scans = 0;
        do
        {
            if (scans++ == _maxScans || !TryPrepare())
            {
                return false;
            }
            if (_isDamaged)
            {
                next = ReadDamagedScan(in watch);
                continue;
            }
            var scan = new JpegScan(_header, _jpeg, _jpeg + _length, _window);
            var isRead = _header.Scan switch
            {
                _ when !_header.IsProgressive => scan.TryReadAll<SequentialBlock>(in watch),
                { First: 0, HighBit: 0 } => scan.TryReadAll<FirstDc>(in watch),
                { First: 0 } => scan.TryReadAll<MoreDc>(in watch),
                { HighBit: 0 } => scan.TryReadAll<FirstAc>(in watch),
                _ => scan.TryReadAll<MoreAc>(in watch),
            };
            if (!isRead)
            {
                return false;
            }
            next = Next(scan.Source);
        }
        while (next == JpegPart.Scan);
        if (next != JpegPart.End)
        {
            return false;
        }
        var isComplete = true;
        foreach (var component in _header.Components)
        {
            isComplete &= component.Quantisers->IsComplete();
        }
        return isComplete;
    }

    private bool TryWrite<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        // Damaged blocks are multiplied by their quantisers when they are transformed, and sequential ones when they are read.
        var isQuantised = !_header.IsProgressive || _isDamaged;
        for (var row = 0; row < _header.McusDown; row++)
        {
            watch.Check();
            if (!(isQuantised || TryQuantise(row)) || !_samples.TryWrite(row, isQuantised ? row : 0, ref rows))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>
    /// Multiplies a row of MCUs by its quantisers. The result replaces the picture's first row, which the processor's cache then holds.
    /// </summary>
    private bool TryQuantise(int row)
    {
        foreach (var component in _header.Components)
        {
            var count = component.Vertical * component.BlockStride;
            if (!component.Quantisers->Apply(component.Blocks + ((long)Coefficients.Count * row * count), count, component.Blocks))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Builds the tables of the next scan.</summary>
    private bool TryPrepare()
    {
        var scan = _header.Scan;
        for (var i = 0; i < scan.Components; i++)
        {
            var component = _header.Components[scan.FirstComponent + i];
            // libjpeg only warns of a scan that repeats or leaves out bits.
            if (!component.Quantisers->Expects(in scan) && !_isDamaged)
            {
                return false;
            }
            // Chroma components usually have the same tables, of which the processor's cache then holds one copy.
            if (i > 0 && scan.Tables[i] == scan.Tables[i - 1])
            {
                component.UseTablesOf(_header.Components[scan.FirstComponent + i - 1]);
            }
            else if (!TryBuild(component, scan.Tables[i]))
            {
                return false;
            }
        }
        return true;
    }

    private bool TryBuild(JpegComponent component, byte tables)
    {
        component.UseOwnTables();
        var scan = _header.Scan;
        if (scan.First == 0 && scan.HighBit == 0
            && !component.Dc->Build(_header.Huffman(isAc: false, tables >> 4, File), HuffmanKind.Dc))
        {
            return false;
        }
        var kind = _header.IsProgressive ? HuffmanKind.ProgressiveAc : HuffmanKind.SequentialAc;
        if (scan.Last > 0 && !component.Ac->Build(_header.Huffman(isAc: true, tables & 15, File), kind))
        {
            return false;
        }
        if (kind == HuffmanKind.SequentialAc)
        {
            component.Pairs->Build(component.Ac);
        }
        return true;
    }

    private JpegPart Next(byte* source)
    {
        _header.Position = (int)(source - _jpeg);
        return _header.Next(File);
    }
}
