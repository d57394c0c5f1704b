namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Reads a scan of a damaged JPEG by the rules of libjpeg's decoders, <c>jdhuff.c</c> and <c>jdphuff.c</c>. Coefficients past the last one
/// overwrite it, and MCUs that begin after the end of the data stay as they are. Coefficients are in zigzag order and not multiplied by
/// their quantisers.
/// </summary>
internal unsafe ref struct DamagedScan
{
    private const int Last = Coefficients.Count - 1;

    private readonly ReadOnlySpan<JpegComponent> _components;
    private readonly JpegScanHeader _scan;
    private readonly bool _isProgressive;
    private readonly int _restartInterval;
    private readonly LongestCodes?[] _dc;
    private readonly LongestCodes?[] _ac;
    private readonly bool _isInterleaved;
    private readonly int _across;
    private DamagedBits _bits;
    private int _toRestart;
    private int _blocksToEnd;

    /// <param name="header">Header of the picture, whose tables exist.</param>
    /// <param name="jpeg">First byte of the file.</param>
    /// <param name="length">Number of bytes.</param>
    public DamagedScan(JpegHeader header, byte* jpeg, int length)
    {
        _scan = header.Scan;
        _components = header.Components.Slice(_scan.FirstComponent, _scan.Components);
        (_isProgressive, _restartInterval, _toRestart) = (header.IsProgressive, header.RestartInterval, header.RestartInterval);
        _isInterleaved = _components.Length > 1;
        _across = _isInterleaved ? header.McusAcross : _components[0].BlocksAcross;
        Rows = _isInterleaved ? header.McusDown : _components[0].BlocksDown;
        _bits = new(jpeg + header.Position, jpeg + length);
        (_dc, _ac) = (new LongestCodes?[_components.Length], new LongestCodes?[_components.Length]);
        for (var i = 0; i < _components.Length; i++)
        {
            var file = new ReadOnlySpan<byte>(jpeg, length);
            _dc[i] = _scan.First == 0 && _scan.HighBit == 0 ? new(header.Huffman(isAc: false, _scan.Tables[i] >> 4, file)) : null;
            _ac[i] = _scan.Last > 0 ? new(header.Huffman(isAc: true, _scan.Tables[i] & 15, file)) : null;
            _components[i].Predictor = 0;
        }
    }

    /// <summary>Gets the number of rows of MCUs.</summary>
    public int Rows { get; }

    /// <summary>Gets the address from which the next marker is searched.</summary>
    public readonly byte* Source => _bits.Rest;

    /// <summary>Reads the next row of MCUs.</summary>
    /// <param name="row">Row of MCUs in memory, or of blocks in a scan of one component.</param>
    public void ReadRow(int row)
    {
        for (var mcu = 0; mcu < _across; mcu++)
        {
            if (_restartInterval > 0 && _toRestart-- == 0)
            {
                Restart();
            }
            var isOver = _bits.IsOver;
            for (var i = 0; i < _components.Length; i++)
            {
                var component = _components[i];
                var (across, down) = _isInterleaved ? (component.Horizontal, component.Vertical) : (1, 1);
                for (var block = 0; block < across * down; block++)
                {
                    var at = (((row * (long)down) + (block / across)) * component.BlockStride) + (mcu * across) + (block % across);
                    Read(i, new(component.Blocks + (Coefficients.Count * at), Coefficients.Count), isOver);
                }
            }
        }
    }

    private void Restart()
    {
        _bits.Restart();
        (_toRestart, _blocksToEnd) = (_restartInterval - 1, 0);
        foreach (var component in _components)
        {
            component.Predictor = 0;
        }
    }

    private void Read(int component, Span<short> block, bool isOver)
    {
        if (!_isProgressive)
        {
            block.Clear();
        }
        if (isOver)
        {
            return;
        }
        switch (_scan)
        {
            case { First: 0, HighBit: > 0 }:
                block[0] |= (short)(_bits.Take(1) << _scan.LowBit);
                break;
            case { HighBit: > 0 }:
                ReadMore(_ac[component]!, block);
                break;
            default:
                if (_scan.First == 0)
                {
                    _components[component].Predictor += _bits.Number(_bits.Symbol(_dc[component]!) & 15);
                    block[0] = (short)(_components[component].Predictor << _scan.LowBit);
                }
                if (_scan.Last > 0)
                {
                    ReadFirst(_ac[component]!, block);
                }
                break;
        }
    }

    private void ReadFirst(LongestCodes codes, Span<short> block)
    {
        if (_blocksToEnd > 0)
        {
            _blocksToEnd--;
            return;
        }
        for (var at = Math.Max(_scan.First, 1); at <= _scan.Last; at++)
        {
            var symbol = _bits.Symbol(codes);
            var (run, size) = (symbol >> 4, symbol & 15);
            if (size == 0 && run < 15)
            {
                _blocksToEnd = _isProgressive ? (1 << run) - 1 + _bits.Take(run) : 0;
                return;
            }
            at += run;
            if (size > 0)
            {
                block[Math.Min(at, Last)] = (short)(_bits.Number(size) << _scan.LowBit);
            }
        }
    }

    private void ReadMore(LongestCodes codes, Span<short> block)
    {
        var (at, bit) = (_scan.First, 1 << _scan.LowBit);
        while (_blocksToEnd == 0 && at <= _scan.Last)
        {
            var symbol = _bits.Symbol(codes);
            var (run, size) = (symbol >> 4, symbol & 15);
            if (size == 0 && run < 15)
            {
                _blocksToEnd = (1 << run) + _bits.Take(run);
                break;
            }
            var coefficient = size == 0 ? 0 : _bits.Take(1) == 1 ? bit : -bit;
            for (; at <= _scan.Last; at++)
            {
                // The run counts zeros only.
                if (block[at] == 0 && run-- == 0)
                {
                    break;
                }
                Correct(ref block[at], bit);
            }
            if (coefficient != 0)
            {
                block[Math.Min(at, Last)] = (short)coefficient;
            }
            at++;
        }
        if (_blocksToEnd > 0)
        {
            for (; at <= _scan.Last; at++)
            {
                Correct(ref block[at], bit);
            }
            _blocksToEnd--;
        }
    }

    // A bit that is already set stays.
    private void Correct(ref short coefficient, int bit)
    {
        if (coefficient != 0 && _bits.Take(1) == 1 && (coefficient & bit) == 0)
        {
            coefficient = (short)(coefficient + (coefficient >= 0 ? bit : -bit));
        }
    }
}
