using System.Globalization;

namespace TransferKit;

/// <summary>Thrown when an image cannot be decoded.</summary>
public sealed class ImageDecodeException : TransferKitException
{
    /// <summary>Initializes a new instance whose message begins with the image's name.</summary>
    /// <param name="reason">Reason of the failure.</param>
    /// <param name="imageName">Name of the image, such as its path; null for an unnamed image.</param>
    /// <param name="detail">Sentence that says what is wrong and what to do.</param>
    /// <param name="inner">Exception that caused this one, if any.</param>
    public ImageDecodeException(ImageDecodeError reason, string? imageName, string detail, Exception? inner = null)
        : base($"{imageName ?? "The image"}: {detail}", inner)
    {
        Reason = reason;
        ImageName = imageName;
        Detail = detail;
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

    /// <summary>Returns whether an exception of a decoder must be wrapped, so that callers catch one type.</summary>
    internal static bool IsOfDecoder(Exception e) => e is not (ImageDecodeException or OperationCanceledException or OutOfMemoryException);

    /// <summary>Returns an exception of this type, unless a missing library is the cause: no other picture can be decoded then.</summary>
    internal static TransferKitException OfDecoder(string? imageName, Exception e) =>
        NativeLibraryException.Of(e) is { } missing ? missing
        : new ImageDecodeException(ImageDecodeError.Corrupt, imageName, $"the decoder failed: {e.Message}", e);

    /// <summary>Gets the name of the image, such as its path, or null if the caller gave none.</summary>
    public string? ImageName { get; }

    /// <summary>Gets the sentence that says what is wrong and what to do, without the image's name.</summary>
    public string Detail { get; }

    /// <summary>Gets the reason of the failure.</summary>
    public ImageDecodeError Reason { get; }
}
