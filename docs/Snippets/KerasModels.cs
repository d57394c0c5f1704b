using TransferKit.Training;

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

    public static void TrainOn(ImageFolder photos)
    {
        using TransferModel model = TransferModel.From("model.keras", new() { Labels = photos.Classes });
        model.Fit(photos, options: new() { Epochs = 3, Optimizer = new Adam(1e-4) });
        model.Save("more.keras");                       // more.keras.json holds labels and the preparation of pictures
    }

    public static void NewHead(ImageFolder photos)
    {
        using KerasModel whole = KerasModel.Open("model.keras");
        using KerasModel cut = whole.Cut("global_average_pooling2d");
        using TransferModel mine = cut.WithHead(photos.Classes, new() { Head = Head.Linear.Dropout(0.2) });
        mine.FitTwoPhase(photos);
        mine.Save("mine.keras");                        // keras.models.load_model opens it
    }
}
