namespace TransferKit.WeightSources.Hdf5;

/// <summary>Enumerates the runs of elements that are contiguous both in a chunk and in its array.</summary>
internal sealed class ChunkRuns
{
    private readonly ChunkGrid _grid;
    private readonly long[] _origin;
    private readonly long[] _extent;
    // A run spans this dimension. Each chunk contains the later dimensions whole.
    private readonly int _runDimension;

    public ChunkRuns(ChunkGrid grid)
    {
        _grid = grid;
        (_origin, _extent) = (new long[grid.Shape.Length], new long[grid.Shape.Length]);
        _runDimension = grid.Shape.Length - 1;
        while (_runDimension > 0 && grid.Chunk[_runDimension] == grid.Shape[_runDimension])
            _runDimension--;
    }

    /// <summary>Gets whether the chunk extends beyond the array's edge.</summary>
    public bool IsAtEdge { get; private set; }

    /// <summary>Moves to a chunk. Returns false if the chunk has no element in a range of the array's flat indices.</summary>
    public bool MoveTo(int chunk, long start, long end)
    {
        _grid.Origin(chunk, _origin);
        IsAtEdge = false;
        long first = 0, last = 0;
        for (var d = 0; d < _origin.Length; d++)
        {
            _extent[d] = Math.Min(_grid.Chunk[d], _grid.Shape[d] - _origin[d]);
            IsAtEdge |= _extent[d] < _grid.Chunk[d];
            first = first * _grid.Shape[d] + _origin[d];
            last = last * _grid.Shape[d] + _origin[d] + _extent[d] - 1;
        }
        return first < end && last >= start;
    }

    /// <summary>Gets the chunk's runs in a range: the start in the chunk, the start in the array, and the number of elements.</summary>
    public IEnumerable<(long From, long To, long Count)> Within(long start, long end)
    {
        var tail = 1L;
        for (var d = _runDimension + 1; d < _extent.Length; d++)
            tail *= _extent[d];
        var length = _extent[_runDimension] * tail;
        var index = new long[_runDimension];
        do
        {
            long from = 0, to = 0;
            for (var d = 0; d <= _runDimension; d++)
            {
                var i = d < index.Length ? index[d] : 0;
                from = from * _grid.Chunk[d] + i;
                to = to * _grid.Shape[d] + _origin[d] + i;
            }
            (from, to) = (from * tail, to * tail);
            var skipped = Math.Max(0, start - to);
            var count = Math.Min(length, end - to) - skipped;
            if (count > 0)
                yield return (from + skipped, to + skipped, count);
        }
        while (Next(index));
    }

    private bool Next(long[] index)
    {
        for (var d = index.Length - 1; d >= 0; d--)
        {
            if (++index[d] < _extent[d])
                return true;
            index[d] = 0;
        }
        return false;
    }
}
