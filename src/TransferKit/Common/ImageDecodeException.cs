using System.Globalization;

namespace TransferKit;

/// <summary>An image could not be turned into pixels.</summary>
public sealed class ImageDecodeException : TransferKitException
{
    /// <summary>Makes the error; the message begins with the image's name.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="imageName">The file name or whatever names the image; null when nobody said.</param>
    /// <param name="detail">What was wrong and what to do, as a sentence.</param>
    /// <param name="inner">The error underneath, if there was one.</param>
    public ImageDecodeException(ImageDecodeError reason, string? imageName, string detail, Exception? inner = null)
        : base($"{imageName ?? "The image"}: {detail}", inner)
    {
        Reason = reason;
        ImageName = imageName;
    }

    internal static ImageDecodeException Empty(string? imageName, string what = "the file is empty") =>
        new(ImageDecodeError.Empty, imageName, $"{what}. Was it copied or downloaded completely?");

    internal static ImageDecodeException CutOff(string? imageName) =>
        new(ImageDecodeError.Truncated, imageName, "the file ends too early. Was it copied or downloaded completely?");

    internal static ImageDecodeException Corrupt(string? imageName, string what) =>
        new(ImageDecodeError.Corrupt, imageName, $"the image's content is damaged ({what}).");

    internal static ImageDecodeException TimedOut(string? imageName, TimeSpan timeout) => new(
        ImageDecodeError.TimedOut, imageName,
        $"decoding took longer than the {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s that "
        + "ImageDecodeOptions.Timeout allows. Shrink the image, or allow more time if you trust it.");

    /// <summary>Whether an error is one of the many that a decoder from elsewhere may throw, and becomes the one that callers know.</summary>
    internal static bool IsOfDecoder(Exception e) => e is not (ImageDecodeException or OperationCanceledException or OutOfMemoryException);

    internal static ImageDecodeException OfDecoder(string? imageName, Exception e) =>
        new(ImageDecodeError.Corrupt, imageName, $"the decoder failed: {e.Message}", e);

    /// <summary>The file name or whatever names the image; null when the caller gave none.</summary>
    public string? ImageName { get; }

    /// <summary>Why.</summary>
    public ImageDecodeError Reason { get; }
}
