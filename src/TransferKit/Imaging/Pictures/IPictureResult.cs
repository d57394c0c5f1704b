using TransferKit.Imaging.Resizing;

namespace TransferKit.Imaging.Pictures;

/// <summary>Represents the result of decoding a picture: the whole image, or resized pixels.</summary>
internal interface IPictureResult
{
    /// <summary>Decodes the picture.</summary>
    /// <returns>False if another decoder must decode the picture.</returns>
    bool TryTake<TPicture>(TPicture picture, in DecodeWatch watch)
        where TPicture : IEncodedPicture, allows ref struct;
}

/// <summary>Keeps the whole picture, upright.</summary>
internal struct WholeResult : IPictureResult
{
    public RgbImage? Image { get; private set; }

    public bool TryTake<TPicture>(TPicture picture, in DecodeWatch watch)
        where TPicture : IEncodedPicture, allows ref struct
    {
        Image = Read(picture, isPooled: false, in watch);
        return Image is not null;
    }

    /// <summary>Decodes a whole picture and turns it upright. Returns null if another decoder must decode it.</summary>
    public static RgbImage? Read<TPicture>(TPicture picture, bool isPooled, in DecodeWatch watch)
        where TPicture : IEncodedPicture, allows ref struct
    {
        var image = RgbImage.Create(picture.Width, picture.Height, isPooled, out var pixels);
        try
        {
            var rows = new WholePicture(pixels);
            if (picture.TryRead(ref rows, in watch))
            {
                var upright = ExifOrientation.Apply(image, picture.Orientation, isPooled);
                image = upright == image ? null : image;
                return upright;
            }
            return null;
        }
        finally
        {
            image?.ReturnMemory();
        }
    }
}

/// <summary>Resizes the picture while it is decoded.</summary>
internal readonly ref struct ResizedResult(ImageResize resize, Span<byte> target) : IPictureResult
{
    private readonly Span<byte> _target = target;

    public bool TryTake<TPicture>(TPicture picture, in DecodeWatch watch)
        where TPicture : IEncodedPicture, allows ref struct
    {
        if (!ExifOrientation.IsUpright(picture.Orientation))
        {
            return TryTakeTurned(picture, in watch);
        }
        using var resizer = Resizer.Create(picture.Width, picture.Height, resize, watch.Name);
        var rows = new ResizedRows(resizer, _target);
        try
        {
            return picture.TryRead(ref rows, in watch);
        }
        finally
        {
            rows.ReturnMemory();
        }
    }

    /// <summary>Turns the picture before it is resized, because Pillow's passes do not commute with a turn.</summary>
    private bool TryTakeTurned<TPicture>(TPicture picture, in DecodeWatch watch)
        where TPicture : IEncodedPicture, allows ref struct
    {
        if (WholeResult.Read(picture, isPooled: true, in watch) is not { } whole)
        {
            return false;
        }
        try
        {
            whole.Resize(resize, _target, in watch);
            return true;
        }
        finally
        {
            whole.ReturnMemory();
        }
    }
}
