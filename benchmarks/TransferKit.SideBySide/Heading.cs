using System.Runtime.InteropServices;
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
        "classifiers", "similar", "explore", "doctor",
    ];

    public static void Print(string[] args)
    {
        if (args is not [var suite, ..] || !Suites.Contains(suite))
            return;
        var onnxRuntime = typeof(InferenceSession).Assembly.GetName().Version!.ToString(3);
        Console.WriteLine($"""
            # {suite}

            `dotnet run -c Release --project benchmarks/TransferKit.SideBySide -- {string.Join(' ', args)}`

            {Environment.ProcessorCount} cores, {Processor()}, {RuntimeInformation.OSDescription},
            {RuntimeInformation.FrameworkDescription},
            ONNX Runtime {onnxRuntime}.

            """);
    }

    private static string Processor()
    {
        const string information = "/proc/cpuinfo";
        var model = File.Exists(information)
            ? File.ReadLines(information).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return model?[(model.IndexOf(':', StringComparison.Ordinal) + 2)..] ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
