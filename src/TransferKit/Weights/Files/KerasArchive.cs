using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using TransferKit.Common;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Opens the weights of a <c>.keras</c> file, a zip archive. A stored member, as Keras writes it, is read in place. A deflated one is
/// unpacked into a temporary file within a budget, which is checked before the first byte.
/// </summary>
internal static class KerasArchive
{
    private const string WeightsName = "model.weights.h5";

    // Trained weights hardly compress, but the zeros of an optimizer or a small model do; the ratio and the free length allow both. Deflate
    // can reach 1,032 : 1, which only an attack comes near.
    private const int HighestRatio = 16;
    private const long FreeLength = 64L << 20;

    /// <summary>Opens the weight file inside an archive and checks its CRC.</summary>
    /// <param name="name">The name of the archive in messages.</param>
    /// <param name="zipped">The archive, which the result owns.</param>
    /// <exception cref="WeightsFormatException">The archive is damaged, ambiguous, encrypted, or claims more than the budget.</exception>
    /// <exception cref="OutputFileException">The temporary file cannot be written.</exception>
    public static Stream OpenWeights(string name, Stream zipped)
    {
        try
        {
            var directory = ZipDirectory.Read(zipped);
            var member = directory.Members.FirstOrDefault(m => m.Name == WeightsName)
                ?? throw new WeightsFormatException(name, $"it is a zip archive without a {WeightsName}");
            if (member.IsEncrypted)
                throw new WeightsFormatException(name, $"its {WeightsName} is encrypted; unpack the archive and load {WeightsName} itself");
            return member.Method switch
            {
                ZipMember.Stored => InPlace(directory, member),
                ZipMember.Deflated => Unpacked(name, directory, member),
                _ => throw new WeightsFormatException(name,
                    $"its {WeightsName} has the unsupported zip method {member.Method}; unpack the archive and load {WeightsName} itself"),
            };
        }
        catch (InvalidDataException e)
        {
            throw new WeightsFormatException(name, $"it is a damaged zip archive: {e.Message}", e);
        }
    }

    /// <summary>Reads a text inside an archive and checks its CRC.</summary>
    /// <param name="name">The name of the archive in messages.</param>
    /// <param name="zipped">The archive.</param>
    /// <param name="memberName">The name of the text.</param>
    /// <param name="mostBytes">The limit of its length.</param>
    /// <returns>The text; null if the archive has no such member.</returns>
    /// <exception cref="WeightsFormatException">The archive is damaged, ambiguous, encrypted, or the text is longer than the limit.</exception>
    public static string? ReadText(string name, Stream zipped, string memberName, int mostBytes)
    {
        try
        {
            var directory = ZipDirectory.Read(zipped);
            if (directory.Members.FirstOrDefault(m => m.Name == memberName) is not { } member)
                return null;
            if (member.IsEncrypted || member.Method is not (ZipMember.Stored or ZipMember.Deflated))
                throw new WeightsFormatException(name, $"its {memberName} is encrypted, or packed by the unsupported zip method {member.Method}");
            if (member.Size > mostBytes)
                throw new WeightsFormatException(name, $"its {memberName} has {member.Size:N0} bytes, and the limit is {mostBytes:N0}");
            // Closing the packed bytes would close the archive, which the caller still reads.
            var packed = directory.Open(member);
            using var inflated = new DeflateStream(packed, CompressionMode.Decompress, leaveOpen: true);
            Stream content = member.Method == ZipMember.Stored ? packed : inflated;
            var text = new byte[member.Size];
            if (content.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) != text.Length || content.ReadByte() >= 0)
                throw new InvalidDataException($"'{memberName}' does not have the {member.Size:N0} bytes that it claims");
            return Crc32.HashToUInt32(text) == member.Crc
                ? Encoding.UTF8.GetString(text)
                : throw new InvalidDataException($"the CRC of '{memberName}' is wrong");
        }
        catch (InvalidDataException e)
        {
            throw new WeightsFormatException(name, $"it is a damaged zip archive: {e.Message}", e);
        }
    }

    private static StreamSection InPlace(ZipDirectory directory, ZipMember member)
    {
        if (member.PackedSize != member.Size)
            throw new InvalidDataException($"'{member.Name}' is stored without compression but has two sizes");
        var section = directory.Open(member);
        ThrowIfWrong(member, section);
        return section;
    }

    private static FileStream Unpacked(string name, ZipDirectory directory, ZipMember member)
    {
        const long Longest = TemporaryFile.LongestLength;
        var budget = Math.Min(Longest, FreeLength + HighestRatio * Math.Min(member.PackedSize, Longest));
        if (member.Size > budget)
        {
            throw new WeightsFormatException(
                name,
                $"its {WeightsName} would unpack from {member.PackedSize:N0} to {member.Size:N0} bytes, "
                + $"and the limit is {budget:N0}; if you trust it, unpack it and load {WeightsName} itself");
        }
        using var inflated = new DeflateStream(directory.Open(member), CompressionMode.Decompress);
        var file = TemporaryFile.Of([], inflated, mostBytes: member.Size, reserve: member.Size);
        try
        {
            if (file.Length != member.Size || inflated.ReadByte() >= 0)
                throw new InvalidDataException($"'{member.Name}' does not have the {member.Size:N0} bytes that it claims");
            ThrowIfWrong(member, file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void ThrowIfWrong(ZipMember member, Stream content)
    {
        var crc = new Crc32();
        crc.Append(content);
        content.Position = 0;
        if (crc.GetCurrentHashAsUInt32() != member.Crc)
            throw new InvalidDataException($"the CRC of '{member.Name}' is wrong");
    }
}
