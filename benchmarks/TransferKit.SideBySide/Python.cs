using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TransferKit.SideBySide;

/// <summary>Runs the script of a contestant in Python.</summary>
internal static class Python
{
    // All bytes together may be more than a span holds.
    private const int NumbersAtOnce = 1 << 20;

    /// <summary>Returns the numbers that a script prints, which are separated by blanks or line ends.</summary>
    /// <param name="python">The path of a Python.</param>
    /// <param name="script">The script. Its arguments are the paths of files of float32.</param>
    /// <param name="package">The package that the script imports.</param>
    /// <param name="usage">The command of the benchmark, which names a Python.</param>
    /// <param name="inputs">The content of each file.</param>
    public static double[] Numbers(
        string python, string script, string package, string usage, params ReadOnlySpan<ReadOnlyMemory<float>> inputs)
    {
        var paths = new string[inputs.Length];
        try
        {
            for (var i = 0; i < inputs.Length; i++)
                Write(paths[i] = Path.GetTempFileName(), inputs[i].Span);
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", script, .. paths]) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? Array.ConvertAll(
                    output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries), n => double.Parse(n, CultureInfo.InvariantCulture))
                : throw new InvalidOperationException($"{python} has no {package}: name one that has ({usage}).");
        }
        finally
        {
            foreach (var path in paths.OfType<string>())
                File.Delete(path);
        }
    }

    private static void Write(string path, ReadOnlySpan<float> numbers)
    {
        using var file = File.Create(path);
        for (; !numbers.IsEmpty; numbers = numbers[Math.Min(NumbersAtOnce, numbers.Length)..])
            file.Write(MemoryMarshal.AsBytes(numbers[..Math.Min(NumbersAtOnce, numbers.Length)]));
    }
}
