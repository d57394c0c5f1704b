using System.Runtime.CompilerServices;
using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Reads a scan's coefficients, one row of MCUs at a time.</summary>
internal unsafe ref struct JpegScan
{
    private readonly int _restartInterval;
    private readonly JpegScanHeader _scan;
    private readonly ReadOnlySpan<JpegComponent> _components;
    private readonly byte* _end;
    private readonly int _across;

    // A scan of one component has only the blocks with samples of the picture, row by row.
    private readonly bool _isInterleaved;

    private EntropyReader _reader;
    private int _toRestart;
    private int _restarts;
    private int _blocksToEnd;

    public JpegScan(JpegHeader header, byte* jpeg, byte* end, byte* window)
    {
        (_restartInterval, _scan) = (header.RestartInterval, header.Scan);
        _end = end;
        _components = header.Components.Slice(_scan.FirstComponent, _scan.Components);
        _isInterleaved = _components.Length > 1;
        _across = _isInterleaved ? header.McusAcross : _components[0].BlocksAcross;
        Rows = _isInterleaved ? header.McusDown : _components[0].BlocksDown;
        _reader = new(window);
        Restart(jpeg + header.Position);
    }

    /// <summary>Gets the number of rows of MCUs.</summary>
    public int Rows { get; }

    /// <summary>Gets the address after the data, once all were read.</summary>
    public readonly byte* Source => _reader.Source;

    /// <summary>Reads all rows of a picture whose coefficients are all in memory.</summary>
    public bool TryReadAll<TCoding>(in DecodeWatch watch)
        where TCoding : IBlockCoding
    {
        for (var row = 0; row < Rows; row++)
        {
            watch.Check();
            if (!TryReadRow<TCoding>(row))
            {
                return false;
            }
        }
        return IsAtEnd();
    }

    /// <summary>Reads the next row.</summary>
    /// <param name="at">Row of MCUs in memory, or of blocks in a scan of one component.</param>
    /// <returns>False if the data are invalid.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryReadRow<TCoding>(int at)
        where TCoding : IBlockCoding
    {
        if (!_isInterleaved)
        {
            return TryReadBlocks<TCoding>(at);
        }
        for (var mcu = 0; mcu < _across; mcu++)
        {
            if (_restartInterval > 0 && _toRestart-- == 0 && !IsAtRestart())
            {
                return false;
            }
            foreach (var component in _components)
            {
                var (across, down) = (component.Horizontal, component.Vertical);
                for (var y = 0; y < down; y++)
                {
                    var block = component.Blocks + (64 * ((((at * down) + y) * (long)component.BlockStride) + (mcu * across)));
                    for (var x = 0; x < across; x++, block += 64)
                    {
                        if (!_reader.IsReady() || !TCoding.Read(ref _reader, in _scan, component, block, ref _blocksToEnd))
                        {
                            return false;
                        }
                    }
                }
            }
        }
        return true;
    }

    /// <summary>Reads the next row of blocks in a scan of one component.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryReadBlocks<TCoding>(int row)
        where TCoding : IBlockCoding
    {
        var component = _components[0];
        var block = component.Blocks + (64 * (row * (long)component.BlockStride));
        for (var end = block + (64L * _across); block < end; block += 64)
        {
            if (_restartInterval > 0 && _toRestart-- == 0 && !IsAtRestart())
            {
                return false;
            }
            if (_blocksToEnd > 0 && TCoding.HasNoBits(in _scan, component, block))
            {
                _blocksToEnd--;
            }
            else if (!_reader.IsReady() || !TCoding.Read(ref _reader, in _scan, component, block, ref _blocksToEnd))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Returns whether the scan's data end with its last row.</summary>
    public bool IsAtEnd() => _reader.IsAtMarker() && _blocksToEnd == 0;

    private bool IsAtRestart()
    {
        if (!IsAtEnd() || _end - _reader.Source < 2
            || _reader.Source[0] != JpegMarker.Prefix || _reader.Source[1] != JpegMarker.FirstRestart + (_restarts++ & 7))
        {
            return false;
        }
        Restart(_reader.Source + 2);
        _toRestart--;
        return true;
    }

    private void Restart(byte* source)
    {
        foreach (var component in _components)
        {
            component.Predictor = 0;
        }
        _toRestart = _restartInterval;
        _reader.Start(source, _end);
    }
}
