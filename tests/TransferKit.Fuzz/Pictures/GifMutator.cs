namespace TransferKit.Fuzz.Pictures;

/// <summary>GIF as a list of blocks: screen, colours, extensions, and frames with their sub-blocks.</summary>
internal static class GifMutator
{
    private const byte Extension = 0x21, Frame = 0x2c;

    public static byte[] Mutate(byte[] source, Random random)
    {
        var parts = Split(source);
        if (random.Next(4) == 0 && parts.Find(p => p is [Frame, ..] && p.Length > 10) is { } frame)
        {
            // Left, top, width, height and flags; and the LZW code's length behind them.
            var bent = (byte[])frame.Clone();
            ByteMutator.WriteBad(bent.AsSpan(1, 10), random.Next(10), random);
            parts[parts.IndexOf(frame)] = bent;
        }
        Parts.Mutate(parts, random, Parts.BendAnywhere);
        return [.. parts.SelectMany(p => p)];
    }

    private static List<byte[]> Split(byte[] source)
    {
        var parts = new List<byte[]>();
        var ends = new List<int>();
        var at = Math.Min(13, source.Length);
        ends.Add(at);
        if (at == 13 && (source[10] & 0x80) != 0)
            ends.Add(at += 3 << (source[10] & 7) + 1);
        while (at < source.Length - 2 && source[at] is Extension or Frame)
        {
            var isFrame = source[at] == Frame;
            if (isFrame && at + 10 >= source.Length)
                break;
            at += isFrame ? 11 + ((source[at + 9] & 0x80) != 0 ? 3 << (source[at + 9] & 7) + 1 : 0) : 2;
            while (at < source.Length && source[at] != 0)
                at += 1 + source[at];
            ends.Add(++at);
        }
        var start = 0;
        foreach (var end in ends.Append(source.Length).Select(e => Math.Min(e, source.Length)))
        {
            if (end > start)
                parts.Add(source[start..end]);
            start = Math.Max(start, end);
        }
        return parts;
    }
}
