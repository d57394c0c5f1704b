using System.Numerics.Tensors;
using static TransferKit.Pooling;

namespace TransferKit.Snippets;

internal static class FeatureSets
{
    public static async Task Read()
    {
        using IBackbone backbone = Backbone.Load("resnet50", includeTop: false, pooling: Avg);
        var extractor = new FeatureExtractor(backbone, new() { Recursive = true });

        FeatureSetReport report = await extractor.ExtractSetAsync("photos", "features");
        Console.WriteLine($"{report.Rows} rows, {report.Failures} failures, {report.Computed} read");

        using FeatureSet set = FeatureSet.Open("features");             // a set's folder, or a file
        await foreach (FeatureRow row in set.ReadAsync())               // one group of rows in memory
            Console.WriteLine($"{row.Path}: {row.Features.Length} numbers {row.Reason}");
        FeatureRow? cat = await set.FindAsync("cat.jpg");
        (IReadOnlyList<string> names, Tensor<float> features) = await set.ReadTensorAsync();
        Console.WriteLine($"{cat} {names.Count} {features.FlattenedLength}");
    }
}
