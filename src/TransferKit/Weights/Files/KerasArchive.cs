using System.IO.Compression;
using System.IO.Hashing;
using TransferKit.Common;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// The weights of a <c>.keras</c> file, a zip archive. A stored member, as Keras writes it, is read in place; a deflated
/// one is unpacked into a temporary file, within a budget that is checked before the first byte.
/// </summary>
internal static class KerasArchive
{
    private const string WeightsName = "model.weights.h5";

    // Trained numbers hardly shrink, and an optimizer's zeros make a new model a third of its size; 64 MiB are free
    // because small models may be all zeros. Deflate reaches 1,032 : 1, which only an attack comes near.
    private const int HighestRatio = 16;
    private const long FreeLength = 64L << 20;

    /// <summary>The weight file inside an archive, its CRC checked.</summary>
    /// <param name="name">What messages call the archive.</param>
    /// <param name="zipped">The archive, which the result takes over.</param>
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
                throw new WeightsFormatException(name, $"its {WeightsName} is encrypted; unpack it and give the {WeightsName}");
            return member.Method switch
            {
                ZipMember.Stored => InPlace(directory, member),
                ZipMember.Deflated => Unpacked(name, directory, member),
                _ => throw new WeightsFormatException(
                    name, $"its {WeightsName} is packed by the zip method {member.Method}; unpack it and give the {WeightsName}"),
            };
        }
        catch (InvalidDataException e)
        {
            throw new WeightsFormatException(name, $"it is a damaged zip archive: {e.Message}", e);
        }
    }

    private static StreamSection InPlace(ZipDirectory directory, ZipMember member)
    {
        if (member.PackedSize != member.Size)
            throw new InvalidDataException($"'{member.Name}' is stored, and has two sizes");
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
                + $"and at most {budget:N0} are unpacked; if you trust it, unpack it and give the {WeightsName}");
        }
        using var inflated = new DeflateStream(directory.Open(member), CompressionMode.Decompress);
        var file = TemporaryFile.Of([], inflated, mostBytes: member.Size, reserve: member.Size);
        try
        {
            if (file.Length != member.Size || inflated.ReadByte() >= 0)
                throw new InvalidDataException($"'{member.Name}' is not of the {member.Size:N0} bytes that it claims");
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
