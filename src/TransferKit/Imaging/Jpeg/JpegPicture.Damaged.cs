using TransferKit.Imaging.Pictures;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Reads pictures whose data are damaged.</summary>
internal sealed unsafe partial class JpegPicture
{
    private bool TryReadDamaged<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct
    {
        if (!TryPrepare())
        {
            return false;
        }
        var scan = new DamagedScan(_header, _jpeg, _length);
        for (var row = 0; row < scan.Rows; row++)
        {
            watch.Check();
            scan.ReadRow(0);
            if (!_samples.TryWrite(row, 0, ref rows))
            {
                return false;
            }
        }
        return true;
    }

    private JpegPart ReadDamagedScan(in DecodeWatch watch)
    {
        var scan = new DamagedScan(_header, _jpeg, _length);
        for (var row = 0; row < scan.Rows; row++)
        {
            watch.Check();
            scan.ReadRow(row);
        }
        // Data that the scan has left over are skipped, with markers that stand alone, up to the next one.
        var rest = scan.Source;
        while (rest < _jpeg + _length - 1 && (rest[0] != JpegMarker.Prefix
            || rest[1] is 0 or JpegMarker.Temporary or JpegMarker.Prefix or (>= JpegMarker.FirstRestart and < JpegMarker.StartOfImage)))
        {
            rest++;
        }
        return Next(rest);
    }
}
