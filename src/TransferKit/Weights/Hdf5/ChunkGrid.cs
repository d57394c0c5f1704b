namespace TransferKit.WeightSources.Hdf5;

/// <summary>The chunks of an array as a grid: which chunk lies where, and which number each chunk has in an index.</summary>
internal sealed class ChunkGrid
{
    // As many chunks of the least useful size, a thousand numbers, would be four gigabytes.
    private const long MostChunks = 1 << 20;
    private const long MostInSmallArray = 1 << 22;

    private readonly long[] _counts;
    private readonly long[] _mostCounts;

    public ChunkGrid(Dataspace space, ChunkedLayout layout)
    {
        (Shape, Chunk) = (space.Dimensions, layout.Chunk);
        if (Chunk.Length != Shape.Length)
            throw Hdf5Exception.Damaged("its chunks have other dimensions than itself");
        if (space.Largest.Zip(Shape).Any(p => p.First != Hdf5Cursor.Undefined && p.First < p.Second))
            throw Hdf5Exception.Damaged("it is larger than it may grow");
        var numbers = 1.0;
        foreach (var d in Chunk)
            numbers *= d;
        if (numbers < 1 || layout.ElementSize <= 0 || layout.ElementSize > 8)
            throw Hdf5Exception.Damaged("its chunks' sizes make no sense");
        if (numbers > Math.Max(MostInSmallArray, 2.0 * space.Count) || numbers * layout.ElementSize > int.MaxValue / 2)
            throw Hdf5Exception.Damaged("it claims chunks larger than itself, or than a gigabyte");
        ChunkBytes = (int)(numbers * layout.ElementSize);
        _counts = [.. Shape.Zip(Chunk, CountOf)];
        _mostCounts = [.. space.Largest.Zip(Chunk, (most, chunk) =>
            most == Hdf5Cursor.Undefined ? Hdf5Cursor.Undefined : CountOf(most, chunk))];
        var count = 1.0;
        foreach (var c in _counts)
            count *= c;
        if (count > MostChunks)
            throw Hdf5Exception.Refused($"is stored in {count:N0} chunks, and more than {MostChunks:N0} are not read");
        Count = (int)count;
    }

    public long[] Shape { get; }
    public long[] Chunk { get; }

    /// <summary>The bytes of a chunk before filters.</summary>
    public int ChunkBytes { get; }

    /// <summary>How many chunks cover the array.</summary>
    public int Count { get; }

    /// <summary>Where a chunk starts in the array.</summary>
    public void Origin(int chunk, Span<long> origin)
    {
        for (var d = Shape.Length - 1; d >= 0; d--)
        {
            origin[d] = chunk % _counts[d] * Chunk[d];
            chunk = (int)(chunk / _counts[d]);
        }
    }

    /// <summary>The chunk at a place of the grid; false outside the array, where one that has shrunk may still have chunks.</summary>
    public bool TryFind(ReadOnlySpan<long> place, out int chunk)
    {
        chunk = 0;
        for (var d = 0; d < Shape.Length; d++)
        {
            if (place[d] < 0 || place[d] >= _counts[d])
                return false;
            chunk = (int)(chunk * _counts[d] + place[d]);
        }
        return true;
    }

    /// <summary>
    /// The chunk of a number in an index of the array at its largest; the dimension that may grow without limit counts as the
    /// slowest.
    /// </summary>
    public bool TryFind(long number, out int chunk)
    {
        var endless = Math.Max(0, Array.IndexOf(_mostCounts, Hdf5Cursor.Undefined));
        Span<long> place = stackalloc long[Shape.Length];
        for (var d = Shape.Length - 1; d >= 0; d--)
        {
            if (d != endless)
                (number, place[d]) = Math.DivRem(number, Math.Max(1, _mostCounts[d]));
        }
        if (Shape.Length > 0)
            place[endless] = number;
        return TryFind(place, out chunk);
    }

    /// <summary>The number of a chunk in an index of the array at its largest; without bound where that overflows.</summary>
    public long NumberOf(int chunk)
    {
        Span<long> origin = stackalloc long[Shape.Length];
        Origin(chunk, origin);
        var number = 0.0;
        for (var d = 0; d < origin.Length; d++)
            number = number * _mostCounts[d] + origin[d] / Chunk[d];
        return (long)Math.Min(number, long.MaxValue);
    }

    private static long CountOf(long length, long chunk) => length == 0 ? 0 : (length - 1) / chunk + 1;
}
