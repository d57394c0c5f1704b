namespace TransferKit.Imaging.Pictures;

/// <summary>Represents a picture whose header was read and whose pixels can be decoded.</summary>
internal interface IEncodedPicture
{
    int Width { get; }

    int Height { get; }

    /// <summary>Gets the EXIF orientation, 1 to 8, or 1 if the options ignore it.</summary>
    int Orientation { get; }

    /// <summary>Decodes all rows.</summary>
    /// <param name="rows">Target of the rows.</param>
    /// <param name="watch">Watch that is checked every few rows.</param>
    /// <returns>False if another decoder must decode the picture from its first row on. Some rows may have been written.</returns>
    bool TryRead<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct;
}
