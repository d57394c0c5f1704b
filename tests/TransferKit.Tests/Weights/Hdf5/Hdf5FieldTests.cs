using System.Buffers.Binary;
using System.Text;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.Tests.WeightSources.Hdf5;

/// <summary>
/// Whatever a field of a structure says, with the structure's checksum made right: reading ends with numbers, or with an exception that
/// names
/// the file. A checksum is no defence against the author of a file.
/// </summary>
public class Hdf5FieldTests
{
    private static readonly string[] Checked =
        ["OHDR", "OCHK", "FRHP", "FHIB", "BTHD", "BTLF", "BTIN", "FAHD", "FADB", "EAHD", "EAIB", "EASB", "EADB"];

    private static readonly string[] Unchecked = ["TREE", "SNOD", "HEAP", "GCOL", "FHDB"];

    private static readonly string Folder = Goldens.Path("h5", "layouts");

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Folder, "*.weights.h5").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Files))]
    public void A_field_with_another_value_gives_numbers_or_an_exception_that_names_the_file(string name)
    {
        const int Tries = 400;
        var (file, random) = (new BentFile(name), new Random(name.Length));
        for (var i = 0; i < Tries; i++)
            file.Read(random.Next(file.Places), random.Next(BentFile.Values));
    }

    [Theory, Trait("Category", "Slow"), MemberData(nameof(Files))]
    public void Every_field_with_every_other_value_gives_numbers_or_an_exception_that_names_the_file(string name)
    {
        Parallel.For(0, new BentFile(name).Places, () => new BentFile(name), (place, _, file) =>
        {
            for (var value = 0; value < BentFile.Values; value++)
                file.Read(place, value);
            return file;
        }, _ => { });
    }

    /// <summary>A file whose structures can be changed byte by byte, or eight bytes at a time.</summary>
    private sealed class BentFile
    {
        public const int Values = 11;

        private readonly string _name;
        private readonly byte[] _bytes;
        private readonly List<(int Place, int Start, int Sum)> _places = [];

        public BentFile(string name)
        {
            _name = name;
            _bytes = File.ReadAllBytes(Path.Combine(Folder, name));
            foreach (var (start, length, isChecked) in Structures())
            {
                for (var at = 0; at < length; at++)
                    _places.Add((start + at, start, isChecked ? start + length : -1));
            }
        }

        public int Places => _places.Count;

        public void Read(int index, int value)
        {
            var (place, start, sum) = _places[index];
            var bytes = (byte[])_bytes.Clone();
            var field = bytes.AsSpan(place, Math.Min(8, (sum < 0 ? bytes.Length : sum) - place));
            switch (value)
            {
                case 0: field[0] = 0; break;
                case 1: field[0] = 255; break;
                case 2: field[0]++; break;
                case 3: field[0]--; break;
                case 4: field[0] ^= 0x80; break;
                case 5: field[0] = 0x3f; break;
                case 6: field.Fill(255); break;
                case 7: Write(field, start); break;
                case 8: Write(field, bytes.Length); break;
                case 9: Write(field, 1L << 40); break;
                default: field.Clear(); break;
            }
            if (sum >= 0)
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(sum), Hdf5Checksum.Lookup3(bytes.AsSpan(start, sum - start)));
            try
            {
                const int MostNumbers = 1 << 16;
                using var file = WeightFile.Open("bent.h5", new MemoryStream(bytes));
                foreach (var weight in file.Layers.SelectMany(l => l.Weights).Where(w => w.Count <= MostNumbers))
                    weight.Read(0, new float[weight.Count]);
            }
            catch (WeightsFormatException e)
            {
                Assert.Contains("bent.h5", e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"{_name}, byte {place}, value {value}: {e}");
            }
        }

        private static void Write(Span<byte> field, long value)
        {
            Span<byte> number = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
            number[..field.Length].CopyTo(field);
        }

        // A structure's checksum stands where the bytes before it have that sum.
        private IEnumerable<(int Start, int Length, bool IsChecked)> Structures()
        {
            const int LongestUnchecked = 120, LongestChecked = 1500;
            if (_bytes[8] >= 2)
                yield return (0, 44, true);
            else
                yield return (0, 96, false);
            for (var at = 8; at < _bytes.Length - 16; at++)
            {
                var signature = Encoding.Latin1.GetString(_bytes, at, 4);
                // Headers of version 1 have no signature: version, zero, few messages, one reference.
                var isHeader = _bytes[at] == 1 && _bytes[at + 1] == 0 && at % 8 == 0
                    && BitConverter.ToInt16(_bytes, at + 2) is > 0 and < 20 && BitConverter.ToInt32(_bytes, at + 4) == 1;
                if (isHeader || Unchecked.Contains(signature))
                    yield return (at, Math.Min(LongestUnchecked, _bytes.Length - at), false);
                if (!Checked.Contains(signature))
                    continue;
                for (var length = 8; length < LongestChecked && at + length + 4 <= _bytes.Length; length++)
                {
                    if (BitConverter.ToUInt32(_bytes, at + length) != Hdf5Checksum.Lookup3(_bytes.AsSpan(at, length)))
                        continue;
                    yield return (at, length, true);
                    break;
                }
            }
        }
    }
}
