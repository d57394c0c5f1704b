namespace TransferKit.WeightSources.Hdf5;

/// <summary>LZF, h5py's own compression: runs of bytes as they are, and copies of what went before.</summary>
internal static class LzfCompression
{
    /// <summary>Expands to a known length.</summary>
    public static byte[] Expand(ReadOnlySpan<byte> compressed, int length)
    {
        var cursor = new Hdf5Cursor(compressed);
        var expanded = new byte[length];
        var at = 0;
        while (cursor.Remaining > 0)
        {
            var control = cursor.U8();
            if (control < 32)
            {
                var run = cursor.Take(control + 1);
                if (!run.TryCopyTo(expanded.AsSpan(at)))
                    throw Hdf5Exception.Damaged("a compressed chunk is longer than its shape");
                at += run.Length;
                continue;
            }
            var count = control >> 5;
            count += 2 + (count == 7 ? cursor.U8() : 0);
            var from = at - 1 - ((control & 31) << 8 | cursor.U8());
            if (from < 0 || count > length - at)
                throw Hdf5Exception.Damaged("a compressed chunk refers to what it does not hold");
            // A copy may reach into itself, and repeats then.
            for (var end = at + count; at < end; at++, from++)
                expanded[at] = expanded[from];
        }
        return at == length ? expanded : throw Hdf5Exception.Damaged("a compressed chunk is shorter than its shape");
    }
}
