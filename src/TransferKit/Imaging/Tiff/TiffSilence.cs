using BitMiracle.LibTiff.Classic;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace TransferKit.Imaging.Tiff;

/// <summary>
/// Keeps LibTiff from writing to standard error while this thread decodes, and remembers its first error. LibTiff knows
/// one handler for the whole process, so messages of other threads, which may be the application's own, are passed on.
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
