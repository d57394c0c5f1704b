namespace TransferKit.Snippets;

internal static class Analysis
{
    public static async Task Learn(BackboneOptions options)
    {
        using FeatureSet set = FeatureSet.Open("features");
        FeatureTable features = await FeatureTable.ReadAsync(set);
        FeatureClassifier cats = FeatureClassifier.Train(features, features.LabelsByFolder());
        Console.WriteLine(cats.Report);                             // accuracy, its spread over the folds, pictures and classes
        await cats.SaveModelAsync("cats.h5", "mobilenet_v2", options);

        Prediction? best = cats.Classify(features[0]);              // null: it belongs to no class
        IReadOnlyList<Prediction> ranked = cats.Rank(features[0]);
        Console.WriteLine($"{best} {ranked.Count}");
    }

    public static void Grow(FeatureTable features, FeatureTable owls)
    {
        var means = FeatureClassifier.Train(features, features.LabelsByFolder(), new() { Kind = ClassifierKind.NearestMean });
        FeatureClassifier more = means.Add(owls, owls.LabelsByFolder());        // without the earlier pictures

        FeatureTable all = features.Join(owls);
        FeatureClassifier again = FeatureClassifier.Train(features, features.LabelsByFolder()).Refit(all, all.LabelsByFolder());

        again.Save("birds.classifier");
        FeatureClassifier loaded = FeatureClassifier.Load("birds.classifier");
        Console.WriteLine($"{more} {loaded}");
    }

    public static void Similar(FeatureTable features, IBackbone backbone)
    {
        using FeatureIndex index = FeatureIndex.Build(features);            // or Open("photos.index"), after Save("photos.index")
        float[] cat = backbone.Predict("cat.jpg").ToArray();
        foreach (Neighbour found in index.Search(cat, count: 10))           // the same rows as comparing all floats
            Console.WriteLine($"{found.Score:0.0000} {found.Name}");
    }

    public static async Task Explore()
    {
        using FeatureSet set = FeatureSet.Open("features");
        FeatureTable features = await FeatureTable.ReadAsync(set);
        FeatureMap map = FeatureMap.Compute(features);
        IReadOnlyList<Exception> unreadable = map.WritePage("map.html", pictures: "photos");
        Console.WriteLine($"{map}: {map.Tsne![0]}, cluster {map.Clusters[0]}, {unreadable.Count} unreadable");
    }

    public static async Task Check(IBackbone backbone)
    {
        DataReport report = await DataCheck.RunAsync("photos", backbone, new() { TestFolder = "test-photos" });
        foreach (DataFinding finding in report.Of(DataFindingKind.WrongLabel).Findings)
            Console.WriteLine($"{finding.Path} {finding.Label} -> {finding.Suggestion}: {finding.Message}");
        report.SaveHtml("report.html");
        string? list = PictureMoves.Move(report.Of(DataFindingKind.Duplicate).Findings, "set-aside");   // Undo(list) moves back
    }

    public static async Task Explain()
    {
        using Explainer explainer = await Explainer.LoadAsync("mobilenet_v2");      // or Explainer.Open("cats.h5")
        HeatMap map = explainer.Explain("cat.jpg", "tabby");                        // without a label: the most probable class
        Console.WriteLine($"{map.Prediction} {map.Height} x {map.Width}, top left {map[0, 0]}");
        map.SavePng("why.png");
        RgbImage drawn = map.Overlay(opacity: 0.4);
    }
}
