using System.Diagnostics;
using System.Globalization;

namespace TransferKit.SideBySide;

/// <summary>
/// Measures feature sets of a million names with an engine that computes nothing. Each step is a process of its own, with the tool's
/// runtime settings, and the names are hard links to a few tiny pictures.
/// </summary>
internal static class Sets
{
    private const int Names = 1_000_000;
    private const int NamesOfFolder = 1000;
    // A file of ext4 has at most 65,000 names.
    private const int NamesOfFile = 50_000;
    private const int CostNames = 20_000;
    private const int PlanNames = 10_000;

    public static void Run(string? json)
    {
        var root = Directory.CreateTempSubdirectory("transferkit-sets-").FullName;
        try
        {
            var pictures = Path.Combine(root, "pictures");
            MakeNames(pictures, Names);
            var table = new Table($"step, {Names} names", "seconds", "processor seconds", "peak memory, MB");
            Step(table, "list and plan, one of 1,000 workers", "extract", pictures, Path.Combine(root, "worker"), "1000", "0");
            Step(table, "extract", "extract", pictures, Path.Combine(root, "set"), "20");
            Step(table, "resume with nothing to do", "extract", pictures, Path.Combine(root, "set"), "20");
            Step(table, "merge", "merge", pictures, Path.Combine(root, "set"));
            Step(table, "extract into 10,000 shards", "extract", pictures, Path.Combine(root, "many"), "10000");
            Step(table, "resume 10,000 shards", "extract", pictures, Path.Combine(root, "many"), "10000");
            Step(table, "merge 10,000 shards", "merge", pictures, Path.Combine(root, "many"));
            table.Save(json);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Runs one step, and prints its time, that of the processor, and its peak memory.</summary>
    public static async Task RunOneAsync(string step, string pictures, string set, string? shards, string? worker)
    {
        var clock = Stopwatch.StartNew();
        if (step == "merge")
        {
            await FeatureSet.MergeAsync(set).ConfigureAwait(false);
        }
        else
        {
            var options = new FeatureSetOptions { Shards = int.Parse(shards!, CultureInfo.InvariantCulture) };
            if (worker is not null)
                options = options with { Worker = new(int.Parse(worker, CultureInfo.InvariantCulture), options.Shards!.Value) };
            await new FeatureExtractor(new NoEngine(4), new() { Recursive = true }).ExtractSetAsync(pictures, set, options)
                .ConfigureAwait(false);
        }
        var seconds = clock.Elapsed.TotalSeconds;
        using var self = Process.GetCurrentProcess();
        var figures = (FormattableString)$"{seconds} {self.TotalProcessorTime.TotalSeconds} {self.PeakWorkingSet64}";
        Console.WriteLine(figures.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Compares the cost of a set's rows with the time that MobileNetV2, the fastest network, takes for a photo.</summary>
    public static void Cost(string? json)
    {
        var root = Directory.CreateTempSubdirectory("transferkit-sets-").FullName;
        try
        {
            using var photos = new Photos();
            using var backbone = Load("mobilenet_v2");
            var (pictures, set) = (Path.Combine(root, "pictures"), Path.Combine(root, "set"));
            MakeNames(pictures, CostNames);
            var (few, extractor) = (photos.Folder(600), new FeatureExtractor(backbone));
            var fake = new FeatureExtractor(new NoEngine(1280), new() { Recursive = true, FileDetails = true });
            var table = new Table("a photo with MobileNetV2, ms", "a row without a set, ms", "a row with a set, ms", "share of the set");
            List<(double Photo, double Without, double With)> turns = [];
            for (var turn = 0; turn < 6; turn++)
            {
                turns.Add((
                    Seconds(() => extractor.Extract(few, Path.Combine(root, "few.npz"))) / 600,
                    Seconds(() => ReadAllAsync(fake, pictures).GetAwaiter().GetResult()) / CostNames,
                    Seconds(() => fake.ExtractSetAsync(pictures, set).GetAwaiter().GetResult()) / CostNames));
                Directory.Delete(set, recursive: true);
            }
            double Median(Func<(double Photo, double Without, double With), double> of) => Speed.Median(turns.Skip(1).Select(of));
            table.Add(
                Median(t => 1e3 * t.Photo), Text(Median(t => 1e3 * t.Without)), Text(Median(t => 1e3 * t.With)),
                Text(Median(t => (t.With - t.Without) / t.Photo)));
            table.Save(json);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        static string Text(double number) => number.ToString("0.0000", CultureInfo.InvariantCulture);
    }

    /// <summary>Compares an estimate from a sample with the extraction of all photos.</summary>
    public static void Plan(IEnumerable<string> names, string? json)
    {
        using var photos = new Photos();
        var folder = photos.Folder(PlanNames);
        var set = Path.Combine(folder, "..", "planned");
        var table = new Table("network", "estimate, s", "extraction, s", "estimate by extraction", "estimate, MB", "set, MB");
        foreach (var name in names)
        {
            using var backbone = Load(name);
            using var source = ImageSource.Folder(folder);
            var extractor = new FeatureExtractor(backbone);
            var estimate = extractor.EstimateAsync(source).GetAwaiter().GetResult();
            var seconds = Seconds(() => extractor.ExtractSetAsync(folder, set).GetAwaiter().GetResult());
            var bytes = new DirectoryInfo(set).EnumerateFiles().Sum(f => f.Length);
            table.Add(
                name, estimate.Time.TotalSeconds, seconds, estimate.Time.TotalSeconds / seconds, estimate.SetBytes / 1e6, bytes / 1e6);
            Directory.Delete(set, recursive: true);
        }
        table.Save(json);
    }

    private static void Step(Table table, string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["sets-of", .. arguments]) { RedirectStandardOutput = true };
        start.Environment.TryAdd("DOTNET_TieredPGO", "0");
        start.Environment.TryAdd("DOTNET_GCConserveMemory", "9");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The step '{name}' failed.");
        var figures = output.Split(' ').Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        table.Add(name, figures[0], figures[1], figures[2] / 1e6);
    }

    private static void MakeNames(string folder, int count)
    {
        var file = "";
        for (var i = 0; i < count; i++)
        {
            var below = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"n{i / NamesOfFolder:00000000}"));
            if (i % NamesOfFolder == 0)
                Directory.CreateDirectory(below);
            var name = Path.Combine(below, string.Create(CultureInfo.InvariantCulture, $"n{i / NamesOfFolder:00000000}_{i:0000000}.ppm"));
            if (i % NamesOfFile == 0)
                File.WriteAllBytes(file = name, [.. "P6 8 8 255\n"u8, .. Enumerable.Repeat((byte)(i / NamesOfFile), 192)]);
            else if (Photos.Link(file, name) != 0)
                throw new IOException($"No link can be made in {folder}.");
        }
    }

    private static async Task ReadAllAsync(FeatureExtractor extractor, string pictures)
    {
        await foreach (var _ in extractor.ExtractAsync(pictures).ConfigureAwait(false))
        {
        }
    }

    private static IBackbone Load(string name) => Backbone.Load(name, new()
    {
        IncludeTop = false,
        Pooling = Pooling.Avg,
        Weights = Weights.Random(1),
        CacheCompiledModel = false,
    });

    private static double Seconds(Action work)
    {
        var clock = Stopwatch.StartNew();
        work();
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>A backbone of 8 x 8 pixels whose features are zeros.</summary>
    private sealed class NoEngine(int features) : IBackbone
    {
        public string Name => "no_engine";

        public ImageSize InputSize => (8, 8);

        public PreprocessMode Preprocess => PreprocessMode.None;

        public IReadOnlyList<BackboneOutput> Outputs { get; } = [new("zeros", [features])];

        public FeatureTensor Predict(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default) => Zeros(pixels.Length);

        public FeatureTensor Predict(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) => Zeros(pixels.Length);

        public IReadOnlyDictionary<string, FeatureTensor> PredictAll(
            ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IReadOnlyDictionary<string, FeatureTensor> PredictAll(
            ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ModelSummary Summary() => throw new NotSupportedException();

        public void Dispose()
        {
        }

        private FeatureTensor Zeros(int length)
        {
            var images = length / (8 * 8 * 3);
            return new([images, features], new float[images * features]);
        }
    }
}
