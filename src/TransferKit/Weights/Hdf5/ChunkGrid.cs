namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents the grid of an array's chunks, and maps between positions in the grid and numbers in a chunk index.</summary>
internal sealed class ChunkGrid
{
    // Keras' arrays have far fewer chunks; a larger number would only cost memory.
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
            throw Hdf5Exception.Damaged("its chunks' sizes are invalid");
        if (numbers > Math.Max(MostInSmallArray, 2.0 * space.Count) || numbers * layout.ElementSize > int.MaxValue / 2)
            throw Hdf5Exception.Damaged("its chunks are larger than itself, or than a gigabyte");
        ChunkBytes = (int)(numbers * layout.ElementSize);
        _counts = [.. Shape.Zip(Chunk, CountOf)];
        _mostCounts = [.. space.Largest.Zip(Chunk, (most, chunk) =>
            most == Hdf5Cursor.Undefined ? Hdf5Cursor.Undefined : CountOf(most, chunk))];
        var count = 1.0;
        foreach (var c in _counts)
            count *= c;
        if (count > MostChunks)
            throw Hdf5Exception.Refused($"is stored in {count:N0} chunks, and the limit is {MostChunks:N0}");
        Count = (int)count;
    }

    public long[] Shape { get; }
    public long[] Chunk { get; }

    /// <summary>Gets the size of a chunk in bytes before filters.</summary>
    public int ChunkBytes { get; }

    /// <summary>Gets the number of chunks that cover the array.</summary>
    public int Count { get; }

    /// <summary>Gets the position of a chunk's first element in the array.</summary>
    public void Origin(int chunk, Span<long> origin)
    {
        for (var d = Shape.Length - 1; d >= 0; d--)
        {
            origin[d] = chunk % _counts[d] * Chunk[d];
            chunk = (int)(chunk / _counts[d]);
        }
    }

    /// <summary>
    /// Finds the chunk at a position of the grid. Returns false outside the array; an array that was shrunk may still have such chunks.
    /// </summary>
    public bool TryFind(ReadOnlySpan<long> place, out int chunk)
    {
        chunk = 0;
        for (var d = 0; d < Shape.Length; d++)
        {
            if (place[d] >= _counts[d])
                return false;
            chunk = (int)(chunk * _counts[d] + place[d]);
        }
        return true;
    }

    /// <summary>
    /// Finds the chunk with a number in an index. Numbers refer to the array's maximum size, with the unlimited dimension as the slowest.
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
        place[endless] = number;
        return TryFind(place, out chunk);
    }

    /// <summary>Gets the number of a chunk in an index of the array's maximum size, or the largest long if it overflows.</summary>
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
