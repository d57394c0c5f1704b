using System.Globalization;

namespace TransferKit.Fuzz;

/// <summary>
/// The child process that reads the inputs. It marks each input before it reads it, so that its parent knows where it
/// crashed or hangs, and prints a line for each untyped exception.
/// </summary>
internal static class Worker
{
    public const string Verb = "--worker";

    /// <param name="args">The format, the seed, the first and the last number, the mark's file.</param>
    public static int Run(string[] args)
    {
        var format = FuzzFormat.Find(args[0]);
        var (seed, first, end) = (Number(args[1]), Number(args[2]), Number(args[3]));
        using var mark = new ProgressMark(args[4]);
        var folder = Directory.CreateTempSubdirectory("transferkit-fuzz-").FullName;
        // Nothing of the user's is read or written.
        Environment.SetEnvironmentVariable("KERAS_HOME", folder);
        Environment.SetEnvironmentVariable("TRANSFERKIT_OFFLINE", "1");
        try
        {
            var path = Path.Combine(folder, "input.h5" + (format.Extension == ".json" ? ".json" : format.Extension));
            for (var number = first; number < end; number++)
            {
                File.WriteAllBytes(path, format.Input(seed, number));
                mark.Number = number;
                try
                {
                    format.Run(path);
                    mark.Read++;
                }
                catch (TransferKitException)
                {
                }
                catch (Exception e)
                {
                    Console.WriteLine($"{number}\t{Place(e)}");
                }
            }
            mark.Number = end;
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The same fault has the same text, whatever numbers its message holds.
    private static string Place(Exception e)
    {
        var frames = (e.StackTrace ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var own = frames.FirstOrDefault(f => f.Contains("TransferKit.", StringComparison.Ordinal)) ?? frames.FirstOrDefault() ?? "";
        return $"{e.GetType().Name} {own.Split(" in ")[0]}";
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
