using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using TransferKit.Common;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Opens the members of a <c>.keras</c> file, a zip archive. Stored weights, as Keras writes them, are read in place. Deflated ones are
/// unpacked into a temporary file within a budget, which is checked before the first byte.
/// </summary>
/// <param name="Weights">The file of the weights, which owns the archive.</param>
/// <param name="Config">The configuration of the model as JSON; null if the archive has none.</param>
/// <param name="Metadata">The version of Keras as JSON; null if the archive has none.</param>
internal sealed record KerasArchive(Stream Weights, string? Config, string? Metadata)
{
    /// <summary>The names that Keras gives to the members.</summary>
    public const string WeightsName = "model.weights.h5", ConfigName = "config.json", MetadataName = "metadata.json";

    // The largest configuration of Keras' applications has 1 MB.
    private const int LongestText = 32 << 20;

    // Trained weights hardly compress, but the zeros of an optimizer or a small model do; the ratio and the free length allow both. Deflate
    // can reach 1,032 : 1, which only an attack comes near.
    private const int HighestRatio = 16;
    private const long FreeLength = 64L << 20;

    /// <summary>Opens the weight file inside an archive, reads the texts beside it, and checks the CRC of each.</summary>
    /// <param name="name">The name of the archive in messages.</param>
    /// <param name="zipped">The archive, which the result owns.</param>
    /// <exception cref="WeightsFormatException">The archive is damaged, ambiguous, encrypted, or claims more than the budget.</exception>
    /// <exception cref="OutputFileException">The temporary file cannot be written.</exception>
    public static KerasArchive Open(string name, Stream zipped)
    {
        try
        {
            var directory = ZipDirectory.Read(zipped);
            var member = directory.Members.FirstOrDefault(m => m.Name == WeightsName)
                ?? throw new WeightsFormatException(name, $"it is a zip archive without a {WeightsName}");
            if (member.IsEncrypted)
                throw new WeightsFormatException(name, $"its {WeightsName} is encrypted; unpack the archive and load {WeightsName} itself");
            var (config, metadata) = (Text(name, directory, ConfigName), Text(name, directory, MetadataName));
            return member.Method switch
            {
                ZipMember.Stored => new(InPlace(directory, member), config, metadata),
                ZipMember.Deflated => new(Unpacked(name, directory, member), config, metadata),
                _ => throw new WeightsFormatException(name,
                    $"its {WeightsName} has the unsupported zip method {member.Method}; unpack the archive and load {WeightsName} itself"),
            };
        }
        catch (InvalidDataException e)
        {
            throw new WeightsFormatException(name, $"it is a damaged zip archive: {e.Message}", e);
        }
    }

    private static string? Text(string name, ZipDirectory directory, string memberName)
    {
        if (directory.Members.FirstOrDefault(m => m.Name == memberName) is not { IsEncrypted: false } member)
            return null;
        if (member.Size > LongestText)
            throw new WeightsFormatException(name, $"its {memberName} claims {member.Size:N0} bytes, and the limit is {LongestText:N0}");
        var bytes = new byte[member.Size];
        using var packed = directory.Open(member).LeavingWhole();
        using Stream unpacked = member.Method == ZipMember.Deflated ? new DeflateStream(packed, CompressionMode.Decompress) : packed;
        if (unpacked.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) != bytes.Length || unpacked.ReadByte() >= 0)
            throw new InvalidDataException($"'{memberName}' does not have the {member.Size:N0} bytes that it claims");
        ThrowIfWrong(member, new MemoryStream(bytes));
        return Encoding.UTF8.GetString(bytes);
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
