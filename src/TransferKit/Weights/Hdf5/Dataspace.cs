namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents the shape of an array or attribute; a scalar has no dimensions.</summary>
internal sealed class Dataspace
{
    /// <summary>The maximum number of dimensions, which HDF5 itself sets.</summary>
    public const int MostDimensions = 32;

    private Dataspace(long[] dimensions, long[] largest)
    {
        (Dimensions, Largest) = (dimensions, largest);
        Count = 1;
        foreach (var d in dimensions)
        {
            if (d != 0 && Count > long.MaxValue / 8 / d)
                throw Hdf5Exception.Damaged("its shape has more elements than any file holds");
            Count *= d;
        }
    }

    public long[] Dimensions { get; }

    /// <summary>Gets the maximum length of each dimension; <see cref="Hdf5Cursor.Undefined"/> if it is unlimited.</summary>
    public long[] Largest { get; }

    public long Count { get; }

    public static Dataspace Parse(ReadOnlySpan<byte> message)
    {
        var cursor = new Hdf5Cursor(message);
        var version = cursor.Version("dataspace", 1, 2);
        var rank = cursor.U8();
        var flags = cursor.U8();
        var type = cursor.U8();
        if (version == 1)
            cursor.Skip(4);
        else if (type == 2)
            throw Hdf5Exception.Refused("has no shape (a null dataspace)");
        if (rank > MostDimensions)
            throw Hdf5Exception.Damaged($"it claims {rank} dimensions");
        var dimensions = new long[rank];
        foreach (ref var d in dimensions.AsSpan())
            d = cursor.Length();
        var largest = (long[])dimensions.Clone();
        if ((flags & 1) != 0)
        {
            foreach (ref var d in largest.AsSpan())
                d = cursor.Address();
        }
        return new Dataspace(dimensions, largest);
    }
}
