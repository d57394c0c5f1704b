using System.Text.Json;

namespace TransferKit.Tests.Imaging;

/// <summary>Compares damaged JPEGs with Pillow's pixels. Damage in the data is read as libjpeg-turbo reads it on x86.</summary>
public class DamagedJpegTests
{
    [Fact]
    public void Damaged_JPEGs_give_the_pixels_of_Pillow_or_are_refused()
    {
        var (read, refused, faults) = (0, 0, new List<string>());
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("damaged", "damaged.json")));
        foreach (var (number, damaged) in cases.RootElement.EnumerateArray().Index())
        {
            var name = $"{number}: {damaged.GetProperty("picture").GetString()}";
            var right = damaged.GetProperty("sha256").GetString();
            try
            {
                var image = new SkiaImageDecoder().Decode(Damage(damaged), null, new());
                if (GoldenImage.Sha256(image) != right)
                    faults.Add(right is null ? $"{name}: Pillow refuses it" : $"{name}: other pixels");
                read++;
            }
            catch (ImageDecodeException e)
            {
                if (right is not null)
                    faults.Add($"{name}: {e.Message}");
                refused++;
            }
        }
        Assert.True(faults.Count == 0, string.Join("; ", faults));
        Assert.True(read > 200 && refused > 5, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Damaged_JPEGs_are_refused_where_decoding_is_strict()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Goldens.Path("damaged", "damaged.json")));
        var refused = 0;
        foreach (var damaged in cases.RootElement.EnumerateArray())
        {
            var options = new ImageDecodeOptions { Strict = true };
            try
            {
                var strict = new SkiaImageDecoder().Decode(Damage(damaged), null, options);
                // Such damage changes numbers, but no code is invalid, and no data are missing or left over.
                Assert.Equal(damaged.GetProperty("sha256").GetString(), GoldenImage.Sha256(strict));
            }
            catch (ImageDecodeException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 150, 300);
    }

    private static byte[] Damage(JsonElement damaged)
    {
        var bytes = File.ReadAllBytes(Goldens.Path("damaged", $"{damaged.GetProperty("picture").GetString()}.jpg")).ToList();
        foreach (var change in damaged.GetProperty("changes").EnumerateArray())
        {
            var (at, value) = (change[1].GetInt32(), change[2].GetInt32());
            switch (change[0].GetString())
            {
                case "byte":
                    bytes[at] = (byte)value;
                    break;
                case "cut":
                    bytes.RemoveRange(at, value);
                    break;
                default:
                    bytes.InsertRange(at, bytes[at..(at + value)]);
                    break;
            }
        }
        return [.. bytes];
    }
}
