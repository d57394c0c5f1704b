namespace TransferKit.Imaging.Pictures;

/// <summary>The formats that the default decoder reads.</summary>
internal enum ImageFormat
{
    Unknown,
    Jpeg,
    Png,
    Bmp,
    Gif,
    WebP,
    Tiff,
    Pnm,
}
