using System.Globalization;
using TransferKit.SideBySide;

string[] core = ["vgg16", "vgg19", "resnet50", "inception_v3", "xception", "mobilenet_v2"];
string? json = null;
if (Array.IndexOf(args, "--json") is >= 0 and var at)
    (json, args) = (args[at + 1], [.. args[..at], .. args[(at + 2)..]]);
Heading.Print(args);
switch (args)
{
    case ["speed", "--batch", var batch, .. var names]:
        Speed.Run(names.Length > 0 ? names : core, [int.Parse(batch, CultureInfo.InvariantCulture)]);
        return 0;
    case ["speed", .. var names]:
        Speed.Run(names.Length > 0 ? names : core, [1, 8, 32]);
        return 0;
    case ["chip", "--int8", .. var names]:
        Chip.Run(names.Length > 0 ? names : ["vgg16", "resnet50", "mobilenet_v2"], isInt8: true, json);
        return 0;
    case ["chip", .. var names]:
        Chip.Run(names.Length > 0 ? names : [.. core, "efficientnet_b0", "densenet121", "convnext_tiny"], isInt8: false, json);
        return 0;
    case ["winograd", .. var names]:
        Winograd.Run(names.Length > 0 ? names : ["vgg16", "resnet50", "inception_v3", "densenet121", "efficientnet_v2_s"]);
        return 0;
    case ["gpu", "--with", var option, .. var names]:
        Gpu.Run(names, option, json);
        return 0;
    case ["gpu", .. var names]:
        Gpu.Run(names, "use_tf32=1", json);
        return 0;
    case ["requests", .. var names]:
        Requests.Run(names.Length > 0 ? names : ["resnet50", "inception_v3", "mobilenet_v2"]);
        return 0;
    case ["load", .. var names]:
        Load.Run(names.Length > 0 ? names : core);
        return 0;
    case ["seal", .. var names]:
        Seal.Run(names.Length > 0 ? names : core);
        return 0;
    case ["start", "--program", var program, .. var names]:
        Start.Run(program, names.Length > 0 ? names : core);
        return 0;
    case ["start", .. var names]:
        Start.Run(program: null, names.Length > 0 ? names : core);
        return 0;
    case ["memory", .. var names]:
        Memory.Run(names.Length > 0 ? names : core);
        return 0;
    case ["memory-of", var name]:
        Memory.RunOne(name);
        return 0;
    case ["pipeline", "--int8", .. var names]:
        Pipeline.Run(names.Length > 0 ? names : ["mobilenet_v2"], isInt8: true, json);
        return 0;
    case ["pipeline", .. var names]:
        Pipeline.Run(names.Length > 0 ? names : ["mobilenet_v2", "resnet50"], isInt8: false, json);
        return 0;
    case ["pipeline-memory", .. var names]:
        PipelineMemory.Run(names.Length > 0 ? names : ["mobilenet_v2"], json);
        return 0;
    case ["pipeline-memory-of", var name, var folder]:
        PipelineMemory.RunOne(name, folder);
        return 0;
    case ["growth", var most, .. var svg]:
        Growth.Run(int.Parse(most, CultureInfo.InvariantCulture), svg.FirstOrDefault(), json);
        return 0;
    case ["growth-of", var folder, var batchSize]:
        Growth.RunOne(folder, int.Parse(batchSize, CultureInfo.InvariantCulture));
        return 0;
    case ["sets"]:
        Sets.Run(json);
        return 0;
    case ["sets-of", var step, var pictures, var set, .. var rest]:
        await Sets.RunOneAsync(step, pictures, set, rest.ElementAtOrDefault(0), rest.ElementAtOrDefault(1)).ConfigureAwait(false);
        return 0;
    case ["sets-cost"]:
        Sets.Cost(json);
        return 0;
    case ["sets-plan", .. var names]:
        Sets.Plan(names.Length > 0 ? names : ["mobilenet_v2"], json);
        return 0;
    case ["decode", .. var python]:
        Decode.Run(python.FirstOrDefault() ?? "python3", json);
        return 0;
    case ["classifiers", .. var python]:
        Classifiers.Run(python.FirstOrDefault() ?? "python3", json);
        return 0;
    case ["similar", var count, .. var python]:
        Similar.Run(int.Parse(count, CultureInfo.InvariantCulture), python.FirstOrDefault() ?? "python3", json);
        return 0;
    case ["explore", var count, .. var python]:
        Explore.Run(int.Parse(count, CultureInfo.InvariantCulture), python.FirstOrDefault() ?? "python3", json);
        return 0;
    case ["doctor", var count]:
        Doctor.Run(int.Parse(count, CultureInfo.InvariantCulture), json);
        return 0;
    case ["doctor-of", var step, var folder, var count]:
        await Doctor.RunOneAsync(step, folder, int.Parse(count, CultureInfo.InvariantCulture)).ConfigureAwait(false);
        return 0;
    case ["timeouts"]:
        Timeouts.Run();
        return 0;
    case ["resize", .. var python]:
        Resize.Run(python.FirstOrDefault() ?? "python3", json);
        return 0;
    case ["imagesharp"]:
        ImageSharp.Run();
        return 0;
    case ["differences"]:
        Differences.Run();
        return 0;
    case ["int8", .. var names]:
        Int8.Speed(names.Length > 0 ? names : ["resnet50", "vgg16", "xception", "inception_v3", "mobilenet_v2"]);
        return 0;
    case ["half", .. var names]:
        HalfPrecision.Run(names.Length > 0 ? names : ["vgg16", "resnet50", "mobilenet_v2"]);
        return 0;
    case ["int8-quality", var pictures, var digits]:
        Int8.Quality(pictures, digits);
        return 0;
    case ["students", var digits]:
        Students.Run(digits);
        return 0;
    case ["download", .. var folder]:
        Download.Run(folder.FirstOrDefault());
        return 0;
    case ["verify", .. var folder]:
        Download.Verify(folder.FirstOrDefault());
        return 0;
    case ["serve"]:
        Download.Serve();
        return 0;
    default:
        Console.Error.WriteLine("""
            Side by side, in one run, in turn: TransferKit and plain ONNX Runtime on a plain NCHW graph of the same network.
              speed  [--batch N] [NAME…]   images a second from a byte batch, at batch 1, 8 and 32 or N; the name all means all networks
              chip   [--int8] [NAME…]   the share of this processor's measured peak that networks and kinds of layers reach
              winograd [NAME…] Winograd's algorithm against ONNX Runtime's convolution for each shape of a 3x3 convolution
              gpu    [--with OPTION=VALUE] [NAME…]   images a second on an NVIDIA GPU beside the CPU, and the difference of their features;
                               an option of ONNX Runtime's CUDA provider runs beside. Build with -p:OnnxRuntimeGpu=VERSION
              requests [NAME…] images a second of as many callers as cores, each with one image at a time
              load   [NAME…]   from nothing to the first output, out of the cache, against one .onnx file
              seal   [NAME…]   the share of such a load that reads the compiled model's files to compare their hashes
              start  [--program FILE] [NAME…]   the same in processes that have done nothing before, against ONNX Runtime's own
                               optimised file; FILE is TransferKit.Start as it was published
              memory [NAME…]   peak memory of a process that loads from the cache and runs one image
            From a folder of JPEGs (with --json FILE, the rows as JSON too):
              pipeline [--int8] [NAME…]   images a second, against what decoding and the engine allow, each measured alone
              pipeline-memory [NAME…]   peak memory of 10,000 images against 100, and managed allocations per image
              growth MOST     [SVG]     time and memory of 1 to MOST photos and of batches of 1 to 64, with a plot
              decode          [PYTHON]  photos to pixels, against Skia and Pillow, which that Python has
              timeouts                  how soon a native decoder ends whose time is over
              resize          [PYTHON]  one picture against Pillow, which that Python has
              imagesharp                the default decoder against ImageSharp's: time, pixels and features
              differences               how far features move where pictures are prepared otherwise than in Keras
              sets                      a million names with an engine that computes nothing: time and memory of each step
              sets-cost                 a row of a feature set against a photo with MobileNetV2
              sets-plan       [NAME…]   the estimate of transferkit plan against the extraction of 10,000 photos
              int8   [NAME…]   images a second in int8 against floats and against plain ONNX Runtime, at batch 1, 8 and 32
              half   [NAME…]   exported files with 16-bit weights and with floats, and the likeness of what comes out
              int8-quality PICTURES DIGITS   what int8 costs MobileNetV2's real features: cosine, and accuracy of a linear head
              students DIGITS  MobileNetV2 with fewer blocks, fewer pixels and int8: speed, and accuracy of a linear head
            From features:
              classifiers     [PYTHON]  10,000 vectors of 1,280, five folds, ten strengths, against scikit-learn, which that Python has
              similar COUNT   [PYTHON]  one query and 64 among COUNT vectors of 1,280, against NumPy's product, which that Python has
              explore COUNT   [PYTHON]  a map of COUNT vectors of 1,280, against scikit-learn's PCA and TSNE, which that Python has
              doctor COUNT              near copies, labels and outliers of COUNT vectors of 1,280; copies found against comparing all
            And the weight store:
              download [FOLDER]   500 MB from a server on this machine, verified, against curl
              verify   [FOLDER]   the hash of 500 MB, against md5sum and sha256sum
            """);
        return 2;
}
