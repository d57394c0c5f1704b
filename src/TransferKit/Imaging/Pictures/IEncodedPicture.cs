namespace TransferKit.Imaging.Pictures;

/// <summary>A picture that was opened and not decoded yet.</summary>
internal interface IEncodedPicture
{
    int Width { get; }

    int Height { get; }

    /// <summary>EXIF's, 1 to 8, as far as the options ask for it.</summary>
    int Orientation { get; }

    /// <summary>Decodes all rows.</summary>
    /// <param name="rows">Where they go.</param>
    /// <param name="watch">Checked every few rows.</param>
    /// <returns>False when another decoder has to do it, from the first row on; some rows may have been written.</returns>
    bool TryRead<TRows>(ref TRows rows, in DecodeWatch watch)
        where TRows : IPixelRows, allows ref struct;
}
