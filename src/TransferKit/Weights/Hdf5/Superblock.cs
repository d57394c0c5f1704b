namespace TransferKit.WeightSources.Hdf5;

/// <summary>Reads the superblock of an HDF5 file, which locates the root group.</summary>
internal static class Superblock
{
    private const int LongestBody = 96;

    /// <summary>Reads the address of the root group's object header.</summary>
    public static long RootAddress(Hdf5Bytes file)
    {
        var bytes = file.Block(0, Math.Min(LongestBody, file.Length)).AsSpan();
        var head = new Hdf5Cursor(bytes);
        head.Signature(FileSignature.Hdf5Signature, "signature");
        var version = head.Version("superblock", 0, 3);
        return version < 2 ? Old(ref head, version) : New(ref head, version, bytes);
    }

    private static long Old(ref Hdf5Cursor head, int version)
    {
        head.Skip(4);
        CheckSizes(head.U8(), head.U8());
        // The node sizes of B-trees follow; version 1 has one more.
        head.Skip(1 + 2 + 2 + 4 + (version == 1 ? 4 : 0));
        CheckBase(head.Address());
        head.Skip(8 + 8);
        CheckDriver(head.Address());
        head.Skip(8);
        return head.Address();
    }

    private static long New(ref Hdf5Cursor head, int version, ReadOnlySpan<byte> bytes)
    {
        CheckSizes(head.U8(), head.U8());
        var flags = head.U8();
        CheckBase(head.Address());
        head.Skip(8 + 8);
        var root = head.Address();
        head.Skip(4);
        Hdf5Checksum.Verify(bytes[..^head.Remaining], "superblock");
        if (version == 3 && (flags & 1) != 0)
            throw new Hdf5Exception("was not closed by its writer, so it may be incomplete; save it again");
        return root;
    }

    private static void CheckSizes(int address, int length)
    {
        if ((address, length) != (8, 8))
            throw Hdf5Exception.Refused($"has addresses of {address} and lengths of {length} bytes");
    }

    private static void CheckBase(long address)
    {
        if (address != 0)
            throw Hdf5Exception.Refused("starts within another file (it has a base address)");
    }

    private static void CheckDriver(long address)
    {
        if (address != Hdf5Cursor.Undefined)
            throw Hdf5Exception.Refused("is spread over several files (it has a driver information block)");
    }
}
