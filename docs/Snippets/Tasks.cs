// The C# of README.md and docs/*.md. A test holds every block there against this folder, so what is shown compiles.
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using TransferKit.ImageSharp;
using static TransferKit.Pooling;

namespace TransferKit.Snippets;

internal static class Tasks
{
    public static void Features(Image<Rgb24> image)
    {
        using IBackbone xception = Backbone.Load("xception", includeTop: false, pooling: Avg);
        FeatureTensor features = xception.Predict("photo.jpg");      // (1, 2048)
        FeatureTensor ofPixels = xception.Predict(image);            // an Image<Rgb24> of SixLabors.ImageSharp
        Console.WriteLine($"{features}: {ofPixels[0][0]}, …");
    }

    public static void Draft()
    {
        using IBackbone backbone = Backbone.Load("resnet50", includeTop: false, pooling: Avg);
        var draft = new ImageLoadOptions { Interpolation = Interpolation.Bicubic, Decode = new() { Draft = true } };
        FeatureTensor features = backbone.Predict("photo.jpg", draft);
        Console.WriteLine(features);
    }

    public static void OutOfAWholeModel()
    {
        using IBackbone trained = Backbone.Load(
            "mobilenet", new() { Weights = "model.keras", IncludeTop = false, Pooling = Avg, Alpha = 0.25 });
        Console.WriteLine(trained.NestedModel);                      // layers/functional
        Console.WriteLine(string.Join(", ", trained.UnusedLayers));  // layers beside the backbone's, where the head is not nested apart
    }

    public static void Predict()
    {
        using IBackbone resnet = Backbone.Load("resnet50");
        foreach (Prediction p in resnet.Predict("elephant.jpg").DecodePredictions(top: 3)[0])
            Console.WriteLine(p);                                    // such as African_elephant (n02504458): 0.8217
    }

    public static void Summary()
    {
        Console.WriteLine(Backbone.Summary("vgg16"));
        Console.WriteLine(Backbone.Summary("vgg16").ToString(SummaryStyle.Boxed));
    }

    public static void InputSize()
    {
        using IBackbone vgg = Backbone.Load("vgg16", includeTop: false, inputSize: (480, 640));
        Console.WriteLine(vgg.Outputs[0]);                           // block5_pool (None, 15, 20, 512)
    }

    public static void Pools()
    {
        using IBackbone avg = Backbone.Load("inception_v3", includeTop: false, pooling: Avg);
        using IBackbone max = Backbone.Load("inception_v3", includeTop: false, pooling: Max);
    }

    public static void Typed()
    {
        using var vgg = new VGG16(new() { IncludeTop = false, Pooling = Avg });
        using var xception = new Xception();
        using IBackbone mobile = Backbone.Load(Applications.MobileNetV2);
    }

    public static void Layers()
    {
        using IBackbone fc2 = Backbone.Load("vgg16", layer: "fc2");
        FeatureTensor codes = fc2.Predict("photo.jpg");              // (1, 4096)

        using IBackbone both = Backbone.Load("vgg16", new() { Layers = ["block4_pool", "fc2"] });
        FeatureTensor map = both.PredictAll("photo.jpg")["block4_pool"];  // (1, 14, 14, 512)
        Console.WriteLine($"{codes} {map}");
    }

    public static void Float16()
    {
        Backbone.ExportOnnx("vgg16", "fc2.onnx", new() { Layers = ["fc2"], Precision = Precision.Float16 });
    }

    public static void TrainedInInt8()
    {
        using KerasModel cats = KerasModel.Open("cats.keras", new()
        {
            Precision = Precision.Int8,
            Calibration = Calibration.Folder("photos"),
        });
        Console.WriteLine(cats.Classify("cat.jpg")[0]);
    }

    public static void Int8()
    {
        using IBackbone resnet = Backbone.Load("resnet50", new()
        {
            IncludeTop = false,
            Pooling = Avg,
            Precision = Precision.Int8,
            Calibration = Calibration.Folder("photos"),
        });

        using IBackbone floats = Backbone.Load("resnet50", includeTop: false, pooling: Avg);
        PrecisionReport report = PrecisionReport.Compare(floats, resnet, "other photos");
        Console.WriteLine(report);                                   // images, cosine (mean and least), top-1
    }

    public static Calibration Calibrated()
    {
        var calibration = Calibration.Folder("photos") with
        {
            Method = CalibrationMethod.Entropy,
            MinimumCosine = 0.99,
            Progress = new Progress<double>(done => Console.Write($"\r{done:P0}")),
        };
        return calibration;
    }

    public static void Preparation()
    {
        using IBackbone backbone = Backbone.Load("resnet50", new() { Images = new() { Interpolation = Interpolation.Bicubic } });
        FeatureTensor bicubic = backbone.Predict("photo.jpg");                           // as the backbone says
        FeatureTensor nearest = backbone.Predict("photo.jpg", new ImageLoadOptions());   // as this call says
        Console.WriteLine($"{bicubic} {nearest}");
    }

    public static void Choose()
    {
        BackboneInfo? best = Backbone.All.Where(b => b.MultiplyAdds < 1e9).MaxBy(b => b.Published.Top1);
        Console.WriteLine(best?.Name);
    }

    public static void Stages(byte[] pixels)
    {
        foreach (BackboneOutput stage in Backbone.Stages("resnet50"))
            Console.WriteLine($"1/{stage.Reduction} {stage}");       // 1/4 conv2_block3_out (None, 56, 56, 256)

        using IBackbone pyramid = Backbone.Load("resnet50", new() { IncludeTop = false, AllStages = true });
        IReadOnlyDictionary<string, FeatureTensor> maps = pyramid.PredictAll(pixels);
        FeatureTensor quarter = maps["conv2_block3_out"];            // (1, 56, 56, 256)
        Console.WriteLine(quarter);
    }

    public static async Task Folder(CancellationToken cancellationToken)
    {
        using IBackbone backbone = Backbone.Load("resnet50", includeTop: false, pooling: Avg);
        var extractor = new FeatureExtractor(backbone, new() { Recursive = true });

        // One call to a file that numpy reads: names and features.
        ExtractionReport report = extractor.Extract("photos", "features.npz");
        foreach (FeatureRow skipped in report.Skipped)
            Console.Error.WriteLine($"{skipped.Path}: {skipped.Error!.Message}");

        // Or row by row, in bounded memory, with progress and cancellation.
        var progress = new Progress<ExtractionProgress>(p => Console.Write($"\r{p.Done} of {p.Total}"));
        await foreach (FeatureRow row in extractor.ExtractAsync("photos", progress, cancellationToken))
            Console.WriteLine(row.IsSkipped ? $"{row.Path}: {row.Error!.Message}" : $"{row.Path}: {row.Features.Length} numbers");
    }

    public static void FirstSteps()
    {
        using IBackbone backbone = Backbone.Load("mobilenet_v2", includeTop: false, pooling: Avg, alpha: 0.35,
            weights: MobileNetV2Weights.Alpha035NoTop);
        var images = new ImageLoadOptions { Interpolation = Interpolation.Bicubic };
        float[] rocket = backbone.Predict("photo.jpg", images).ToArray();   // 1,280 numbers
        Console.WriteLine(rocket.Length);
    }

    public static void FromScratch()
    {
        using IBackbone vgg = Backbone.Load("vgg16", weights: Weights.Random(seed: 42), classes: 10, inputSize: (480, 640));
        Console.WriteLine(vgg.Summary().TotalParameters);            // 660,686,666
    }

    public static void WeightFiles()
    {
        using IBackbone mine = Backbone.Load("resnet50", weights: "my_resnet50.h5", classes: 10);
        using IBackbone byName = Backbone.Load("resnet50", weights: Weights.File("my_resnet50.h5", byName: true), classes: 10);
    }

    public static void Store()
    {
        var store = new WeightStoreOptions
        {
            ReadOnlyCaches = ["/opt/keras/models"],
            Mirrors = ["https://mirror.example/keras", "file:///mnt/share/keras"],
        };
        using IBackbone backbone = Backbone.Load("resnet50", new() { Store = store });
    }

    public static async Task Cache(CancellationToken cancellationToken)
    {
        var cache = new WeightStore();
        // Ahead of time, as when a container image is built.
        await cache.FetchWeightsAsync("resnet50", new() { IncludeTop = false }, cancellationToken: cancellationToken);

        foreach (CachedWeights file in cache.List())
            Console.WriteLine($"{file.State} {file.Path}");
        foreach (CachedWeights file in await cache.VerifyAsync())
        {
            if (file.State == CachedWeightsState.Wrong)
                Console.WriteLine($"{file.Path}: {file.Problem}");
        }

        // To a machine without a network.
        string notop = WeightStore.WeightsFile("resnet50", new() { IncludeTop = false });
        await cache.ExportAsync("bundle.zip", [notop]);
        await cache.ImportAsync("bundle.zip");
        await cache.RemoveAsync(notop);
    }

    public static void Patience()
    {
        var patient = new WeightStoreOptions
        {
            MaxTries = 6,                                // in a row that bring nothing new
            RetryDelay = TimeSpan.FromSeconds(1),        // doubled each time, shortened at random by up to half
            MaxRetryDelay = TimeSpan.FromMinutes(1),     // also where Retry-After asks for more, to which up to half is added
            StallTimeout = TimeSpan.FromSeconds(30),     // without a byte
            TryTimeout = TimeSpan.FromHours(1),
            Timeout = TimeSpan.FromHours(3),             // for all together
            MaxDownloadBytes = 4L << 30,                 // of one file
        };
        using IBackbone backbone = Backbone.Load("resnet50", new() { Store = patient });
    }

    public static void SaveWeights()
    {
        Backbone.SaveWeights("vgg16", "vgg16_random.h5", new() { Weights = Weights.Random(seed: 42), Classes = 10 });
    }

    public static async Task Progress(CancellationToken cancellationToken)
    {
        var progress = new Progress<WeightDownloadProgress>(p => Console.Write($"\r{p.BytesReceived:N0} of {p.TotalBytes:N0} bytes"));
        using IBackbone backbone = await Backbone.LoadAsync("xception", new() { IncludeTop = false }, progress, cancellationToken);
    }

    public static void OnGpu()
    {
        using IBackbone onGpu = Backbone.Load("resnet50", new() { Device = ExecutionDevice.Cuda });
        Console.WriteLine(onGpu.Name);
    }

    public static void PixelsOfTraining(RgbImage photo)
    {
        var asInTraining = new ImageLoadOptions { Resize = ResizeMethod.ImageDatasetFromDirectory, AspectRatio = AspectRatio.Crop };
        using IBackbone dataset = Backbone.Load("resnet50", new() { Images = asInTraining });
        float[] smart = photo.Resize(new ImageResize { Size = (224, 224), Method = ResizeMethod.Resizing, AspectRatio = AspectRatio.Crop });
        Console.WriteLine(smart.Length + dataset.Name);
    }

    public static void Prepare()
    {
        RgbImage image = RgbImage.Load("photo.jpg").Resize(299, 299, Interpolation.Bicubic);
        float[] pixels = Array.ConvertAll(image.Pixels.ToArray(), b => (float)b);
        float[] prepared = Preprocess.Apply(pixels, PreprocessMode.Tf);           // a new array; pixels stay as they are

        using IBackbone xception = Backbone.Load("xception", new() { Preprocess = PreprocessMode.None });
        FeatureTensor same = xception.Predict(prepared);
        Console.WriteLine(same);
    }

    public static void Orientation()
    {
        var options = new ImageLoadOptions { Decode = new() { ApplyExifOrientation = true } };
        using IBackbone backbone = Backbone.Load("resnet50");
        backbone.Predict("photo.jpg", options);
    }

    public static void RawPixels(byte[] rgb24)
    {
        using IBackbone backbone = Backbone.Load("resnet50");
        FeatureTensor scores = backbone.Predict(RgbImage.FromRgb24(640, 480, rgb24));
        Console.WriteLine(scores);
    }

    public static void Session()
    {
        using IBackbone backbone = Backbone.Load("resnet50", new()
        {
            ConfigureSession = session => session.IntraOpNumThreads = 1,
        });
    }

    public static void Export()
    {
        Backbone.ExportOnnx("resnet50", "resnet50.onnx", new() { IncludeTop = false, Pooling = Avg });
    }
}
