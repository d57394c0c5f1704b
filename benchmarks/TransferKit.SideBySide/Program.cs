using TransferKit.SideBySide;

string[] core = ["vgg16", "vgg19", "resnet50", "inception_v3", "xception", "mobilenet_v2"];
switch (args)
{
    case ["speed", .. var names]:
        Speed.Run(names.Length > 0 ? names : core);
        return 0;
    case ["load", .. var names]:
        Load.Run(names.Length > 0 ? names : core);
        return 0;
    case ["memory", .. var names]:
        Memory.Run(names.Length > 0 ? names : core);
        return 0;
    case ["memory-of", var name]:
        Memory.RunOne(name);
        return 0;
    case ["int8", .. var names]:
        Int8.Speed(names.Length > 0 ? names : ["resnet50", "vgg16", "xception", "inception_v3", "mobilenet_v2"]);
        return 0;
    case ["int8-quality", var pictures, var digits]:
        Int8.Quality(pictures, digits);
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
              speed  [NAME…]   images a second from a byte batch, at batch 1, 8 and 32
              load   [NAME…]   from nothing to the first output, out of the cache, against one .onnx file
              memory [NAME…]   peak memory of a process that loads from the cache and runs one image
              int8   [NAME…]   images a second in int8 against floats, at batch 1, 8 and 32
              int8-quality PICTURES DIGITS   what int8 costs MobileNetV2's real features: cosine, and accuracy of a linear head
            And the weight store:
              download [FOLDER]   500 MB from a server on this machine, verified, against curl
              verify   [FOLDER]   the hash of 500 MB, against md5sum and sha256sum
            """);
        return 2;
}
