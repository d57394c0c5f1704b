using System.Collections.Immutable;
using TransferKit.Fuzz.Pictures;
using TransferKit.Fuzz.Weights;
using TransferKit.WeightSources.Files;

namespace TransferKit.Fuzz;

/// <summary>A format that the library reads from outside: where its inputs come from, how they are bent, what reads them.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Extension">The extension of the files of the corpus and of the mutated file.</param>
/// <param name="Mutate">Bends an input in the terms of its format: fields, chunks, addresses; checksums are made right again.</param>
/// <param name="Run">Reads a file with all that the library reads of it.</param>
internal sealed record FuzzFormat(string Name, string Extension, Func<byte[], Random, byte[]> Mutate, Action<string> Run)
{
    // Large inputs cost time and reach nothing that small ones do not.
    public const long LargestSeed = 100_000;

    public static ImmutableArray<FuzzFormat> All { get; } =
    [
        new("jpeg", ".jpg", JpegMutator.Mutate, ReadPicture),
        new("png", ".png", PngMutator.Mutate, ReadPicture),
        new("gif", ".gif", GifMutator.Mutate, ReadPicture),
        new("bmp", ".bmp", BmpMutator.Mutate, ReadPicture),
        new("webp", ".webp", WebPMutator.Mutate, ReadPicture),
        new("tiff", ".tif", TiffMutator.Mutate, ReadPicture),
        new("hdf5", ".h5", Hdf5Mutator.Mutate, ReadWeights),
        new("keras", ".keras", ZipMutator.Mutate, ReadWeights),
        new("config", ".keras", ConfigMutator.Mutate, ReadModel) { Seeds = ConfigMutator.Seeds },
        new("trained", ".json", DescriptionMutator.Mutate, LoadTrained),
    ];

    /// <summary>Crashes, hangs or throws by an input's first byte, to show that each is counted; no part of <see cref="All"/>.</summary>
    public static FuzzFormat SelfTest { get; } = new(
        "self-test", ".bin", (bytes, random) => [(byte)random.Next(16), .. bytes], path => Fail(File.ReadAllBytes(path)));

    /// <summary>Gets the inputs of a format whose seeds are parts of files; null for whole files of its extension.</summary>
    public Func<string, IEnumerable<byte[]>>? Seeds { get; init; }

    /// <summary>The inputs that mutations start from: the goldens and this project's own corpus, in one order everywhere.</summary>
    public ImmutableArray<byte[]> Corpus => field.IsDefault ? field = ReadCorpus() : field;

    public static FuzzFormat Find(string name) => All.Append(SelfTest).FirstOrDefault(f => f.Name == name)
        ?? throw new ArgumentException($"'{name}' is no format; there are {string.Join(", ", All.Select(f => f.Name))}, or all.");

    /// <summary>An input, the same for the same seed and number on every machine.</summary>
    public byte[] Input(long seed, long number)
    {
        var random = new Random(unchecked((int)(SplitMix(SplitMix((ulong)seed) + (ulong)number) >> 16)));
        var bytes = Corpus[random.Next(Corpus.Length)];
        // One input in four is bent without regard to its structure, and one in eight in both ways.
        var kind = random.Next(8);
        if (kind > 1)
            bytes = Mutate(bytes, random);
        if (kind <= 2)
            bytes = ByteMutator.Mutate(bytes, random, Corpus);
        return bytes;
    }

    private ImmutableArray<byte[]> ReadCorpus()
    {
        var tests = Repository.Tests;
        if (Seeds is not null)
            return [.. Seeds(tests)];
        string[] folders = [Path.Combine(tests, "goldens"), Path.Combine(tests, "TransferKit.Fuzz", "corpus")];
        var files = folders.SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories))
            .Where(f => Path.GetExtension(f) == Extension && new FileInfo(f).Length is > 0 and < LargestSeed)
            .Where(f => Extension != ".json" || f.EndsWith(".h5.json", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        return [.. files.Select(File.ReadAllBytes)];
    }

    private static void Fail(byte[] input)
    {
        switch (input.FirstOrDefault())
        {
            case 1: Environment.FailFast("A crash."); break;
            case 2: Thread.Sleep(Timeout.Infinite); break;
            case 3: throw new InvalidOperationException("An untyped exception.");
        }
    }

    private static ulong SplitMix(ulong state)
    {
        var z = state + 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    // One input in 16 may have a million pixels, and one in 512 as many as a service for uploads would allow: large pictures cost most of
    // the time and show little.
    private static void ReadPicture(string path)
    {
        var mostPixels = new FileInfo(path).Length switch
        {
            var length when length % 512 == 0 => ImageDecodeOptions.ForUploads.MaxPixels,
            var length when length % 16 == 0 => 1_000_000,
            _ => 100_000,
        };
        var image = RgbImage.Load(path, new() { ApplyExifOrientation = true, MaxPixels = mostPixels });
        image.Resize(32, 32, Interpolation.Bicubic);
    }

    // A huge array that is all fill value is no fault: of each array the first and the last million numbers are read.
    private static void ReadWeights(string path)
    {
        const int Most = 1 << 20;
        using var file = WeightFile.Open(path);
        foreach (var weight in file.Layers.SelectMany(l => l.Weights).Take(10_000))
        {
            var numbers = new float[Math.Min(weight.Count, Most)];
            weight.Read(0, numbers);
            if (weight.Count > Most)
                weight.Read(weight.Count - Most, numbers);
        }
    }

    // The graph and its weights are read as for a run, and the model is written without nesting, which reads all of its calls again.
    private static void ReadModel(string path)
    {
        var options = new KerasModelOptions { Preprocess = PreprocessMode.None, Labels = [] };
        KerasModel.Summary(path, options);
        KerasModel.ExportKeras(path, path + ".h5", options);
    }

    // The weights are those of no described model, so that a good description ends with a typed mismatch and not with minutes of compiling.
    private static void LoadTrained(string path)
    {
        var weights = Path.ChangeExtension(path, null);
        if (!File.Exists(weights))
            File.Copy(Path.Combine(Repository.Tests, "goldens", "h5", "legacy.h5"), weights);
        TrainedModel.Load(weights).Dispose();
    }
}

/// <summary>Finds the repository from the folder of the program.</summary>
internal static class Repository
{
    public static string Tests { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var tests = Path.Combine(folder.FullName, "tests");
            if (Directory.Exists(Path.Combine(tests, "goldens")))
                return tests;
        }
        throw new DirectoryNotFoundException($"No tests/goldens above {AppContext.BaseDirectory}.");
    }
}
