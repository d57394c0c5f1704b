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
    default:
        Console.Error.WriteLine("""
            Side by side, in one run, in turn: TransferKit and plain ONNX Runtime on a plain NCHW graph of the same network.
              speed  [NAME…]   images a second from a byte batch, at batch 1, 8 and 32
              load   [NAME…]   from nothing to the first output, out of the cache, against one .onnx file
              memory [NAME…]   peak memory of a process that loads from the cache and runs one image
            """);
        return 2;
}
