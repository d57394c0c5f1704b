using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using TransferKit.Tests;
using TransferKit.Training;

namespace TransferKit.PublicApi.Tests;

/// <summary>Sentences of the pages that state a number, made of what they speak of.</summary>
public static partial class StatedNumbers
{
    internal static readonly string Root = Path.GetFullPath(Goldens.Path("..", ".."));

    /// <summary>Sentences that state a default, made of the default itself.</summary>
    public static TheoryData<string, string> Defaults
    {
        get
        {
            var (store, decode, uploads) = (new WeightStoreOptions(), new ImageDecodeOptions(), ImageDecodeOptions.ForUploads);
            var calibration = Calibration.Folder("photos");
            var features = new FeatureExtractorOptions();
            var classifier = new FeatureClassifierOptions();
            return new()
            {
                { "docs/weight-store.md", $"MaxTries = {store.MaxTries}," },
                { "docs/weight-store.md", $"RetryDelay = TimeSpan.FromSeconds({store.RetryDelay.TotalSeconds})" },
                { "docs/weight-store.md", $"MaxRetryDelay = TimeSpan.FromMinutes({store.MaxRetryDelay.TotalMinutes})" },
                { "docs/weight-store.md", $"StallTimeout = TimeSpan.FromSeconds({store.StallTimeout.TotalSeconds})" },
                { "docs/weight-store.md", $"TryTimeout = TimeSpan.FromHours({store.TryTimeout.TotalHours})" },
                { "docs/weight-store.md", $"Timeout = TimeSpan.FromHours({store.Timeout.TotalHours})," },
                { "docs/weight-store.md", $"MaxDownloadBytes = {store.MaxDownloadBytes >> 30}L << 30," },
                { "docs/images.md", FormattableString.Invariant($"| `MaxPixels` | {decode.MaxPixels:N0}, as in Pillow |") },
                { "docs/images.md", $"| `MaxScans` | {decode.MaxScans} scans of a JPEG |" },
                { "docs/images.md", $"{uploads.MaxPixels / 1_000_000} million pixels, {uploads.MaxBytes / 1_000_000} million bytes" },
                { "docs/images.md", $"bytes, {uploads.Timeout!.Value.TotalSeconds} seconds." },
                { "docs/quantization.md", $"| `MaxImages` | {calibration.MaxImages} |" },
                { "docs/quantization.md", FormattableString.Invariant($"| `MinimumCosine` | {calibration.MinimumCosine} |") },
                { "docs/features.md", $"| `Recursive` | {(features.Recursive ? "true" : "false")} |" },
                { "docs/features.md", $"| `OnError` | `{features.OnError}` |" },
                { "docs/features.md", $"| `BatchSize` | {features.BatchSize?.ToString() ?? "null"} |" },
                { "docs/features.md", $"| `Images` | {(features.Images is null ? "null" : "set")} |" },
                { "docs/analysis.md", $"| `--folds N` | {classifier.Folds} |" },
                { "docs/analysis.md", $"a vote of the nearest {classifier.Neighbours} pictures" },
                { "docs/analysis.md", $"{100 * classifier.RejectedShare:0} % of the held-out pictures reach" },
            };
        }
    }

    /// <summary>Sentences that state a fact of the networks, made of the networks themselves.</summary>
    public static TheoryData<string, string> Facts
    {
        get
        {
            var bundled = new FileInfo(Path.Combine(
                Root, "src", "TransferKit.Weights.MobileNetV2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"));
            var vgg = Backbone.Summary("vgg16", new() { IncludeTop = false, InputSize = (480, 640) });
            var stage = Backbone.Stages("resnet50").Single(s => s.Layer == "conv2_block3_out");
            return new()
            {
                { "docs/getting-started.md", FormattableString.Invariant($"# {bundled.Length / 1e6:0} MB of real weights") },
                { "docs/getting-started.md", FormattableString.Invariant($"// {Info("mobilenet_v2").Features:N0} numbers") },
                { "docs/getting-started.md", $"// {vgg.Layers[^1].Name} (None, {string.Join(", ", vgg.Layers[^1].OutputShape)})" },
                { "docs/getting-started.md", $"// (1, {string.Join(", ", Layer("vgg16", "fc2").OutputShape)})" },
                { "docs/getting-started.md", $"// (1, {string.Join(", ", Layer("vgg16", "block4_pool").OutputShape)})" },
                { "docs/features.md", $"Length);          // {Info("resnet50").Features}" },
                { "docs/models.md", $"// 1/{stage.Reduction} {stage}" },
                { "docs/models.md", $"// (1, {string.Join(", ", stage.Shape)})" },
                { "docs/models.md", $"| MobileNet | `Alpha`, `DepthMultiplier`, `DropoutRate` | widths {Widths("mobilenet")};" },
                { "docs/models.md", $"| MobileNetV2 | `Alpha` | widths {Widths("mobilenet_v2")};" },
                { "docs/models.md",
                    $"widths {Widths("mobilenet_v3_small").Replace(", ", " and ", StringComparison.Ordinal)}; minimalistic 1" },
                { "docs/models.md", $"the network's least: {Info("vgg16").MinimumSize}, but {Info("xception").MinimumSize} for Xception" },
                { "docs/models.md", $"and {Info("inception_v3").MinimumSize} for both Inceptions" },
                { "docs/images.md",
                    $"{(Enum.GetValues<Interpolation>().Count(IsPillows) == 6 ? "Six" : "Other")} filters with Pillow's own" },
            };

            static bool IsPillows(Interpolation filter) =>
                Record.Exception(() => RgbImage.FromRgb24(1, 1, new byte[3]).Resize(2, 2, filter)) is null;
            static BackboneInfo Info(string name) => Backbone.All.Single(b => b.Name == name);
            static LayerInfo Layer(string name, string layer) => Backbone.Summary(name).Layers.Single(l => l.Name == layer);
            static string Widths(string name) => string.Join(", ", Info(name).Alphas.Select(a => FormattableString.Invariant($"{a}")));
        }
    }

    /// <summary>Sentences that state a limit, made of the constant in the code.</summary>
    public static TheoryData<string, string> Limits
    {
        get
        {
            const string Map = nameof(FeatureMapOptions);
            var (core, sets) = (typeof(Backbone).Assembly, typeof(FeatureSet).Assembly);
            var (options, map) = (typeof(FeatureMapOptions).Assembly, new FeatureMapOptions());
            var together = Constant<int>(options, "Analysis.Similarity.Buckets", "MostOfOneBucket");
            var parts = Constant<int>(options, "Analysis.Explaining.Occlusion", "Side");
            var resize = Constant<long>(core, "Imaging.Pictures.ImageLimits", "MostResizeBytes") >> 20;
            var forgotten = Constant<TimeSpan>(core, "Engine.CompiledModelCache", "Forgotten").Days;
            var lockExpiry = Internal(new WeightStoreOptions(), "LockExpiry");
            var filesOfShard = Constant<int>(sets, "FeatureSetExtensions", "FilesOfShard");
            var spins = Constant<string>(typeof(TransferModel).Assembly, "Training.TorchRuntime", "Spins");
            var packed = Constant<int>(core, "WeightSources.Files.KerasArchive", "HighestRatio");
            var free = Constant<long>(core, "WeightSources.Files.KerasArchive", "FreeLength") >> 20;
            var whole = Constant<long>(core, "Common.TemporaryFile", "LongestLength") >> 30;
            var unpacked = Constant<long>(core, "Features.ZipSource", "MostUnpacked") >> 20;
            var growth = Constant<int>(core, "Features.ZipSource", "MostGrowth");
            var kernel = Constant<int>(core, "Onnx.Files.Float16Writer", "LeastWeights");
            return new()
            {
                { "docs/images.md", $"| – | {resize} MiB of working" },
                { "docs/weights.md", $"{free} MiB plus {packed} times the packed size, and never more than {whole} GiB" },
                { "docs/performance.md", Invariant($"Every kernel of {kernel:N0} numbers or more") },
                { "docs/quantization.md", $"all but a {Fraction(Constant<double>(core, "Quantization.RangeFinder", "Tail"))} at each end" },
                { "docs/weight-store.md", $"have {Count(Enum.GetValues<CachedWeightsState>().Length)} states" },
                { "docs/weight-store.md", $"Unused for {forgotten} days, an entry" },
                { "docs/weight-store.md", $"an entry of another build after {Days(core, "Engine.CompiledModelCache", "Abandoned")}" },
                { "docs/weight-store.md", $"once they are {Days(core, "Common.AbandonedFiles", "Age")} old" },
                { "docs/weight-store.md", $"replaced {Minutes(lockExpiry)} after its last heartbeat" },
                { "docs/feature-sets.md", Invariant($"one shard for each {filesOfShard:N0} files") },
                { "docs/explore.md", $"| `--limit N` | {map.Limit}, at most {Constant<int>(options, Map, "HighestLimit")};" },
                { "docs/explore.md", $"| `--clusters N` | {map.Clusters}, at most {Constant<int>(options, Map, "MostClusters")} |" },
                { "docs/explore.md", $"| `--neighbours N` | {map.Neighbours}, at most {Constant<int>(options, Map, "MostNeighbours")} |" },
                { "docs/data-doctor.md", Invariant($"Up to {together:N0} pictures are all compared") },
                { "docs/explain.md", $"its map has {parts} x {parts} parts" },
                { "docs/feature-sets.md", $"to more than {unpacked} MB and {growth} times its size" },
                { "docs/clusters.md", $"loses its claim after {Minutes(new FeatureSetOptions().ClaimExpiry)}" },
                { "docs/feature-sets.md",
                    $"about half {Minutes(2 * Internal(new FeatureSetOptions(), "PieceTime"))} of work" },
                { "docs/training.md", $"sets `GOMP_SPINCOUNT={spins}`" },
                { "docs/training.md", $"TorchSharp {Version("TorchSharp")[..5]}'s" },
                { "docs/dotnet.md", $"depends on version {Version("SixLabors.ImageSharp")}," },
                { "README.md", $"// such as {Example()}" },
            };
        }
    }

    /// <summary>Sentences that state a figure, made of the tables in <c>benchmarks/results</c>.</summary>
    public static TheoryData<string, string> Figures
    {
        get
        {
            var fastest = Column("int8", "int8 to floats, median of pairs").Max();
            var figures = new TheoryData<string, string>
            {
                { "docs/quantization.md", Invariant($"up to {fastest:0.0} times as fast") },
                { "docs/performance.md", Invariant($"up to {fastest:0.0} times the speed") },
            };
            foreach (var row in Rows("differences"))
                figures.Add("docs/differences.md", row);
            foreach (var (picture, sampling) in new[] { ("rocket.jpg", "4:4:4"), ("grace_hopper.jpg", "4:2:0") })
            {
                var cells = Rows("imagesharp").Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Single(c => c[1] == picture);
                var numbers = cells[5..7].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
                var row = Invariant($"| JPEG {sampling} (`{picture}`) | {numbers[0]:0} % | {numbers[1]:0} | {cells[7]} |");
                figures.Add("docs/dotnet.md", row);
            }
            return figures;
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static string Count(int number) => new[] { "no", "one", "two", "three", "four", "five", "six" }[number];

    private static string Fraction(double share) => Math.Round(1 / share) == 10_000 ? "ten-thousandth" : Invariant($"{share}");

    private static string Days(Assembly assembly, string type, string name) =>
        Unit(Constant<TimeSpan>(assembly, type, name).TotalDays, "day");

    private static string Minutes(TimeSpan time) => Unit(time.TotalMinutes, "minute");

    private static string Unit(double number, string unit) => number == 1 ? $"a {unit}" : Invariant($"{number} {unit}s");

    private static T Constant<T>(Assembly assembly, string type, string name) =>
        (T)assembly.GetType($"TransferKit.{type}", throwOnError: true)!
            .GetField(name, BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

    private static TimeSpan Internal(object options, string name) =>
        (TimeSpan)options.GetType().GetProperty(name, BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(options)!;

    private static string Version(string package)
    {
        var versions = File.ReadAllText(Path.Combine(Root, "src", "Directory.Packages.props"));
        return Regex.Match(versions, $"Include=\"{Regex.Escape(package)}\" Version=\"([^\"]+)\"").Groups[1].Value;
    }

    // README shows the form of a prediction, for which no weights are needed.
    private static string Example()
    {
        var scores = new float[1000];
        scores[386] = 0.8217f;
        return new FeatureTensor([1, 1000], scores).DecodePredictions(top: 1)[0][0].ToString();
    }

    private static IEnumerable<string> Rows(string suite) =>
        File.ReadLines(Path.Combine(Root, "benchmarks", "results", $"{suite}.md")).Where(line => line.StartsWith('|'));

    private static IEnumerable<double> Column(string suite, string heading)
    {
        var rows = Rows(suite).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToArray();
        var column = Array.IndexOf(rows[0], heading);
        return rows.Skip(2).Select(row => double.Parse(row[column], CultureInfo.InvariantCulture));
    }
}
