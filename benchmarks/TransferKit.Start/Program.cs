// One start, from nothing to the first vector, as an application has it. `SideBySide start` runs this program many times: with
// TransferKit, and with ONNX Runtime's C# API on the file that its optimiser saved. It prints the milliseconds from its first line
// to the vector, and the number of methods that the just-in-time compiler has compiled by then. It is a program of its own, so that
// it can be compiled ahead of time.
using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Microsoft.ML.OnnxRuntime;
using TransferKit;

var clock = Stopwatch.StartNew();
switch (args)
{
    case ["transferkit", var name, var folder]:
        StartTransferKit(name, folder);
        break;
    case ["onnxruntime", var path, var height, var width]:
        StartOnnxRuntime(path, long.Parse(height, CultureInfo.InvariantCulture), long.Parse(width, CultureInfo.InvariantCulture));
        break;
    default:
        Console.Error.WriteLine("usage: transferkit NAME CACHE | onnxruntime FILE HEIGHT WIDTH");
        return 2;
}
return 0;

// Each contestant has a method of its own, so that compiling one does not load the assemblies of the other.
void StartTransferKit(string name, string folder)
{
    var options = new BackboneOptions
    {
        IncludeTop = false,
        Pooling = Pooling.Avg,
        Store = new() { CacheDirectory = folder, Offline = true },
    };
    using var backbone = Backbone.Load(name, options);
    backbone.Predict(new byte[backbone.InputSize.Height * backbone.InputSize.Width * 3]);
    Print();
}

void StartOnnxRuntime(string path, long height, long width)
{
    long[] shape = [1, 3, height, width];
    using var session = new InferenceSession(path);
    using var input = OrtValue.CreateTensorValueFromMemory(new float[3 * height * width], shape);
    using var run = new RunOptions();
    using var outputs = session.Run(run, [session.InputNames[0]], [input], session.OutputNames);
    outputs[0].GetTensorDataAsSpan<float>().ToArray();
    Print();
}

void Print() => Console.WriteLine(
    string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMilliseconds} {JitInfo.GetCompiledMethodCount()}"));
