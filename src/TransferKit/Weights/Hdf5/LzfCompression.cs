namespace TransferKit.WeightSources.Hdf5;

/// <summary>Expands LZF, h5py's own compression: literal bytes, and copies of earlier bytes.</summary>
internal static class LzfCompression
{
    /// <summary>Expands data of known length.</summary>
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
                throw Hdf5Exception.Damaged("a compressed chunk refers to bytes before its start");
            // A copy may overlap its own output, which repeats bytes.
            for (var end = at + count; at < end; at++, from++)
                expanded[at] = expanded[from];
        }
        return at == length ? expanded : throw Hdf5Exception.Damaged("a compressed chunk is shorter than its shape");
    }
}
