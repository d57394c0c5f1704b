using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;

namespace TransferKit.SideBySide;

/// <summary>Prints the head of a suite's file in <c>benchmarks/results</c>: its name, its command and the machine.</summary>
internal static class Heading
{
    // Other commands are child processes, whose output their parent reads.
    private static readonly string[] Suites =
    [
        "speed", "requests", "load", "start", "memory", "pipeline", "pipeline-memory", "decode", "resize", "int8", "half", "int8-quality",
        "download", "verify", "seal", "timeouts", "imagesharp", "differences", "sets", "sets-cost", "sets-plan",
        "classifiers", "similar", "explore", "doctor", "chip", "winograd", "students", "growth", "gpu",
    ];

    public static void Print(string[] args)
    {
        if (args is not [var suite, ..] || !Suites.Contains(suite))
            return;
        Print("TransferKit.SideBySide", args);
    }

    /// <param name="project">The project of benchmarks whose command the suite is.</param>
    /// <param name="args">The arguments, of which the first one is the suite.</param>
    public static void Print(string project, string[] args)
    {
        var onnxRuntime = typeof(InferenceSession).Assembly.GetName().Version!.ToString(3);
        Console.WriteLine($"""
            # {args[0]}

            `dotnet run -c Release --project benchmarks/{project} -- {string.Join(' ', args)}`

            {Environment.ProcessorCount} cores, {Processor()}, {RuntimeInformation.OSDescription},
            {RuntimeInformation.FrameworkDescription},
            ONNX Runtime {onnxRuntime}.
            Peak of one core, thousand million multiply-adds a second: {Peak.Describe()}.

            """);
    }

    private static string Processor()
    {
        const string information = "/proc/cpuinfo";
        var model = File.Exists(information)
            ? File.ReadLines(information).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        var name = model?[(model.IndexOf(':', StringComparison.Ordinal) + 2)..] ?? RuntimeInformation.ProcessArchitecture.ToString();
        return X86Base.IsSupported ? $"{name} ({FamilyAndModel(X86Base.CpuId(1, 0).Eax)})" : name;
    }

    // Virtual machines often hide the model's name. The fields of the signature are those of CPUID's leaf 1.
    private static string FamilyAndModel(int signature)
    {
        var (family, model) = (signature >> 8 & 15, signature >> 4 & 15 | signature >> 12 & 0xF0);
        return $"family {(family == 15 ? family + (signature >> 20 & 255) : family)}, model {model}";
    }
}
