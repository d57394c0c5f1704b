namespace TransferKit.Snippets;

internal static class KerasModels
{
    public static void Classify()
    {
        using KerasModel model = KerasModel.Open("model.keras", new() { Labels = ["cats", "dogs"] });
        foreach (Prediction p in model.Classify("photo.jpg"))
            Console.WriteLine(p);                                    // cats: 0.9312
    }

    public static void Features()
    {
        using KerasModel model = KerasModel.Open("model.keras", new() { Layers = ["global_average_pooling2d"] });
        FeatureTensor features = model.Predict("photo.jpg");         // (1, 1280)
        Console.WriteLine(features);
    }

    public static void Outputs()
    {
        using KerasModel model = KerasModel.Open("model.keras");
        IReadOnlyDictionary<string, FeatureTensor> outputs = model.PredictAll("photo.jpg");
        Console.WriteLine($"{model.PreprocessSource}: {model.Preprocess}, {string.Join(", ", outputs.Keys)}");
    }
}
