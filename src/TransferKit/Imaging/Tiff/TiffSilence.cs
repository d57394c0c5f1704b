using BitMiracle.LibTiff.Classic;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace TransferKit.Imaging.Tiff;

/// <summary>
/// Suppresses LibTiff's output to standard error while this thread decodes, and records its first error. LibTiff has one handler for the
/// whole process, so messages of other threads go to the previous handler.
/// </summary>
internal sealed class TiffSilence : IDisposable
{
    [ThreadStatic]
    private static TiffSilence? current;

    static TiffSilence()
    {
        var handler = new Handler();
        handler.Next = LibTiff.SetErrorHandler(handler);
    }

    private TiffSilence()
    {
    }

    public string? FirstError { get; private set; }

    public static TiffSilence Begin() => current = new TiffSilence();

    public void Dispose() => current = null;

    private sealed class Handler : TiffErrorHandler
    {
        public TiffErrorHandler? Next { get; set; }

        public override void ErrorHandler(LibTiff tif, string method, string format, params object[] args)
        {
            if (current is { } silence)
            {
                silence.FirstError ??= string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args);
            }
            else
            {
                Next?.ErrorHandler(tif, method, format, args);
            }
        }

        public override void ErrorHandlerExt(LibTiff tif, object clientData, string method, string format, params object[] args)
        {
            if (current is null)
            {
                Next?.ErrorHandlerExt(tif, clientData, method, format, args);
            }
        }

        public override void WarningHandler(LibTiff tif, string method, string format, params object[] args)
        {
            if (current is null)
            {
                Next?.WarningHandler(tif, method, format, args);
            }
        }

        public override void WarningHandlerExt(LibTiff tif, object clientData, string method, string format, params object[] args)
        {
            if (current is null)
            {
                Next?.WarningHandlerExt(tif, clientData, method, format, args);
            }
        }
    }
}
