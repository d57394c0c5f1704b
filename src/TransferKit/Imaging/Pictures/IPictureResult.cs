using TransferKit.Imaging.Resizing;

namespace TransferKit.Imaging.Pictures;

/// <summary>What an opened picture is decoded for.</summary>
internal interface IPictureResult
{
    /// <summary>Decodes the picture.</summary>
    /// <returns>False when another decoder has to do it.</returns>
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
        Image = Read(picture, isLent: false, in watch);
        return Image is not null;
    }

    /// <summary>Decodes a whole picture and turns it upright; null when another decoder has to do it.</summary>
    public static RgbImage? Read<TPicture>(TPicture picture, bool isLent, in DecodeWatch watch)
        where TPicture : IEncodedPicture, allows ref struct
    {
        var image = RgbImage.Create(picture.Width, picture.Height, isLent, out var pixels);
        try
        {
            var rows = new WholePicture(pixels);
            if (picture.TryRead(ref rows, in watch))
            {
                var upright = ExifOrientation.Apply(image, picture.Orientation, isLent);
                image = upright == image ? null : image;
                return upright;
            }
            return null;
        }
        finally
        {
            image?.GiveBack();
        }
    }
}

/// <summary>Resizes the picture while it is decoded.</summary>
internal readonly ref struct ResizedResult(ImageSize size, Interpolation filter, Span<byte> target) : IPictureResult
{
    private readonly Span<byte> _target = target;

    public bool TryTake<TPicture>(TPicture picture, in DecodeWatch watch)
        where TPicture : IEncodedPicture, allows ref struct
    {
        if (!ExifOrientation.IsUpright(picture.Orientation))
        {
            return TryTakeTurned(picture, in watch);
        }
        using var resizer = Resizer.Create(picture.Width, picture.Height, size, filter, watch.Name);
        var rows = new ResizedRows(resizer, _target);
        try
        {
            return picture.TryRead(ref rows, in watch);
        }
        finally
        {
            rows.GiveBack();
        }
    }

    /// <summary>Turns the picture first, then resizes it: Pillow's passes are not the same in the other direction.</summary>
    private bool TryTakeTurned<TPicture>(TPicture picture, in DecodeWatch watch)
        where TPicture : IEncodedPicture, allows ref struct
    {
        if (WholeResult.Read(picture, isLent: true, in watch) is not { } whole)
        {
            return false;
        }
        try
        {
            whole.Resize(size, filter, _target, in watch);
            return true;
        }
        finally
        {
            whole.GiveBack();
        }
    }
}
