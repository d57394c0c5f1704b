using TransferKit.Common;

namespace TransferKit.WeightSources.Files;

/// <summary>Copies a stream that cannot seek, such as an HTTP response. The first bytes decide whether and how far it is copied.</summary>
internal static class CopiedStream
{
    private const int HeadLength = 512;

    /// <summary>
    /// Copies the stream into a temporary file and disposes it. Copying stops at the length that the HDF5 superblock states.
    /// </summary>
    /// <exception cref="WeightsFormatException">The stream is neither HDF5 nor a zip archive, or longer than the limit.</exception>
    /// <exception cref="OutputFileException">The temporary file cannot be written.</exception>
    public static FileStream ToTemporaryFile(string name, Stream stream)
    {
        using (stream)
        {
            var head = new byte[HeadLength];
            var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            var start = head.AsSpan(0, length);
            if (!FileSignature.IsZip(start) && !start.StartsWith(FileSignature.Hdf5Signature))
                throw new WeightsFormatException(name, FileSignature.Describe(start));
            var claimed = FileSignature.Hdf5Length(start);
            if (claimed is < 0 or >= TemporaryFile.LongestLength)
            {
                throw new WeightsFormatException(
                    name, $"it claims {claimed:N0} bytes, and the limit for a stream is {TemporaryFile.LongestLength:N0}");
            }
            var mostBytes = claimed ?? TemporaryFile.LongestLength;
            var file = TemporaryFile.Of(start, stream, mostBytes);
            if (file.Length < TemporaryFile.LongestLength)
                return file;
            file.Dispose();
            throw new WeightsFormatException(name, $"it reaches the limit of {TemporaryFile.LongestLength:N0} bytes for a stream");
        }
    }
}
