namespace TransferKit.Fuzz.Pictures;

/// <summary>BMP: nearly all of its meaning is in the fields of its two headers.</summary>
internal static class BmpMutator
{
    private const int FileHeader = 14;

    public static byte[] Mutate(byte[] source, Random random)
    {
        var bytes = (byte[])source.Clone();
        var headers = Math.Min(FileHeader + 124, bytes.Length);
        for (var rounds = 1 + random.Next(4); rounds > 0; rounds--)
        {
            switch (random.Next(6))
            {
                case 0: ByteMutator.WriteBad(bytes, random.Next(bytes.Length), random); break;
                // Bits a pixel, then compression: the pairs that exist, and those that do not.
                case 1 when bytes.Length > 34:
                    bytes[28] = (byte)(1 << random.Next(7));
                    bytes[30] = (byte)random.Next(7);
                    break;
                case 2 when bytes.Length > 14: bytes[14] = (byte)new[] { 12, 16, 40, 52, 56, 64, 108, 124 }[random.Next(8)]; break;
                case 3: bytes = [.. bytes[..random.Next(headers, bytes.Length + 1)], .. new byte[random.Next(200)]]; break;
                default: ByteMutator.WriteBad(bytes.AsSpan(0, headers), random.Next(2, headers), random); break;
            }
        }
        return bytes;
    }
}
