using System.Diagnostics;
using TransferKit.Imaging.Skia;

namespace TransferKit.Training.Tests;

/// <summary>Creates a temporary folder of small seeded images, with stripes of one direction and colour per class.</summary>
internal sealed class SamplePhotos : IDisposable
{
    public const int Side = 32;

    public SamplePhotos(int classes = 3, int each = 12)
    {
        Folder = Directory.CreateTempSubdirectory("transferkit-photos-").FullName;
        for (var c = 0; c < classes; c++)
        {
            for (var i = 0; i < each; i++)
                Write(Path.Combine(Folder, "photos", $"class {c}", $"{i:00}.png"), c, i);
        }
    }

    public string Folder { get; }
    public string Photos => Path.Combine(Folder, "photos");

    public ImageFolder Open() => ImageFolder.Open(Photos);

    public string File(string name) => Path.Combine(Folder, name);

    public static void Write(string path, int c, int i)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var random = new Random(c * 1000 + i);
        var pixels = new byte[Side * Side * 3];
        var phase = random.Next(8);
        for (var at = 0; at < pixels.Length; at++)
        {
            var (y, x, channel) = (at / 3 / Side, at / 3 % Side, at % 3);
            var stripe = (((c & 1) == 0 ? x : y) + phase) / 4 % 2 == 0;
            pixels[at] = (byte)(random.Next(80) + (stripe ? 90 : 0) + (channel == c % 3 ? 70 : 0));
        }
        System.IO.File.WriteAllBytes(path, PictureEncoder.Png(RgbImage.FromRgb24(Side, Side, pixels)));
    }

    public static TransferModel Model(
        IReadOnlyList<string> labels, string head = "linear", ModelTask task = ModelTask.MultiClass, bool isFrozen = true,
        ImageLoadOptions? images = null, string device = "cpu")
    {
        var model = TransferModel.Create("mobilenet_v2", labels, new()
        {
            Backbone = new() { Weights = MobileNetV2Weights.Alpha035NoTop, Alpha = 0.35, InputSize = (Side, Side) },
            Head = Head.Parse(head),
            Task = task,
            Images = images,
            Seed = 5,
            Device = device,
        });
        model.BatchNormalizationMomentum = 0.5;
        if (!isFrozen)
            model.FineTuneAll();
        return model;
    }

    /// <summary>Runs a script of bash in the folder, for names that .NET cannot write.</summary>
    public void Shell(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-ec", script]) { WorkingDirectory = Folder })!;
        bash.WaitForExit();
        Assert.Equal(0, bash.ExitCode);
    }

    public void Dispose()
    {
        // .NET cannot delete names that are not UTF-8.
        if (OperatingSystem.IsLinux())
            Shell("rm -r *");
        Directory.Delete(Folder, recursive: true);
    }
}
