namespace TransferKit.Imaging.Pictures;

/// <summary>Specifies the formats that the default decoder supports.</summary>
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
