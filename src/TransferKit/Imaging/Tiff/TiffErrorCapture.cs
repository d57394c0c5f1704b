using BitMiracle.LibTiff.Classic;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace TransferKit.Imaging.Tiff;

/// <summary>
/// Suppresses LibTiff's output to standard error while this thread decodes, and records its first error. LibTiff has one handler for the
/// whole process, so messages of other threads go to the previous handler.
/// </summary>
internal sealed class TiffErrorCapture : IDisposable
{
    [ThreadStatic]
    private static TiffErrorCapture? t_current;

    static TiffErrorCapture()
    {
        var handler = new Handler();
        handler.Next = LibTiff.SetErrorHandler(handler);
    }

    private TiffErrorCapture()
    {
    }

    public string? First { get; private set; }

    public static TiffErrorCapture Begin() => t_current = new TiffErrorCapture();

    public void Dispose() => t_current = null;

    private sealed class Handler : TiffErrorHandler
    {
        public TiffErrorHandler? Next { get; set; }

        public override void ErrorHandler(LibTiff tif, string method, string format, params object[] args)
        {
            if (t_current is { } capture)
            {
                capture.First ??= string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args);
            }
            else
            {
                Next?.ErrorHandler(tif, method, format, args);
            }
        }

        public override void ErrorHandlerExt(LibTiff tif, object clientData, string method, string format, params object[] args)
        {
            if (t_current is null)
            {
                Next?.ErrorHandlerExt(tif, clientData, method, format, args);
            }
        }

        public override void WarningHandler(LibTiff tif, string method, string format, params object[] args)
        {
            if (t_current is null)
            {
                Next?.WarningHandler(tif, method, format, args);
            }
        }

        public override void WarningHandlerExt(LibTiff tif, object clientData, string method, string format, params object[] args)
        {
            if (t_current is null)
            {
                Next?.WarningHandlerExt(tif, clientData, method, format, args);
            }
        }
    }
}
