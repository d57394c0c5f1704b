namespace TransferKit.Fuzz.Pictures;

/// <summary>JPEG as a list of segments: a marker, its fields, and behind a scan's header the entropy-coded bytes.</summary>
internal static class JpegMutator
{
    private const byte Marker = 0xff, Start = 0xd8, End = 0xd9, Scan = 0xda, App1 = 0xe1, RestartInterval = 0xdd, Frame = 0xc0;

    public static byte[] Mutate(byte[] source, Random random)
    {
        var parts = Split(source);
        // Whole scans many times over, frames inside frames, an EXIF block that is a hostile TIFF.
        switch (random.Next(8))
        {
            case 0 when parts.FindIndex(p => p is [Marker, Scan, ..]) is var scan && scan >= 0:
                parts.InsertRange(scan, Enumerable.Repeat(parts[scan], 1 + random.Next(random.Next(8) == 0 ? 200 : 4)));
                break;
            case 1:
                parts.Insert(1, [Marker, RestartInterval, 0, 4, 0, (byte)random.Next(4)]);
                break;
            case 2 when parts.FirstOrDefault(p => p is [Marker, App1, ..] && p.Length > 20) is { } exif:
                var tiff = TiffMutator.Mutate(exif[10..], random);
                parts[parts.IndexOf(exif)] = [.. exif[..10], .. tiff[..Math.Min(tiff.Length, 65_000)]];
                break;
            case 3 when parts.FirstOrDefault(p => p is [Marker, >= Frame and <= Frame + 2, ..] && p.Length > 12) is { } frame:
                var bent = (byte[])frame.Clone();
                // Precision, height, width, components, and each component's sampling and table.
                bent[4 + random.Next(bent.Length - 4)] = (byte)ByteMutator.BadNumber(random);
                parts[parts.IndexOf(frame)] = bent;
                break;
        }
        Parts.Mutate(parts, random, Parts.BendAnywhere);
        if (random.Next(4) != 0)
            parts = [.. parts.Select(WithLength)];
        return [.. parts.SelectMany(p => p)];
    }

    private static List<byte[]> Split(byte[] source)
    {
        var parts = new List<byte[]>();
        var at = 0;
        while (at < source.Length)
        {
            var end = at + 2;
            if (end < source.Length - 1 && source[at] == Marker && source[at + 1] is not (Start or End))
            {
                end += source[end] << 8 | source[end + 1];
                // A scan's bytes reach to the next marker that is no restart and no stuffed zero.
                if (source[at + 1] == Scan)
                {
                    while (end < source.Length - 1 && (source[end] != Marker || source[end + 1] is 0 or (>= 0xd0 and <= 0xd7)))
                        end++;
                }
            }
            end = Math.Clamp(end, at + 1, source.Length);
            parts.Add(source[at..end]);
            at = end;
        }
        return parts;
    }

    private static byte[] WithLength(byte[] part)
    {
        if (part is not [Marker, not (Start or End or Scan), _, _, ..] || part.Length > 65_000)
            return part;
        var length = part.Length - 2;
        return [part[0], part[1], (byte)(length >> 8), (byte)length, .. part[4..]];
    }
}
