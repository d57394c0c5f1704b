using System.Globalization;
using Xunit.Runner.InProc.SystemConsole;

namespace TransferKit.Fuzz;

/// <summary>
/// <c>TransferKit.Fuzz FORMAT… [--count N] [--seed N] [--first N] [--hang SECONDS] [--save FOLDER]</c> feeds mutated
/// inputs to the readers of a format; <c>replay FORMAT FILE</c> shows what one saved input does.
/// </summary>
internal static class Program
{
    private const string Usage =
        "FORMAT... [--count N] [--seed N] [--first N] [--hang SECONDS] [--save FOLDER], or: replay FORMAT FILE";

    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case [Worker.Verb, .. var rest]:
                return Worker.Run(rest);
            case ["replay", var format, var file]:
                return Replay(FuzzFormat.Find(format), file);
            case [var first, ..] when !first.StartsWith('-') && !first.StartsWith('@'):
                return Fuzz(args);
            // `dotnet test` passes these to a test program.
            default:
                return await ConsoleRunner.Run(args);
        }
    }

    private static int Fuzz(string[] args)
    {
        var formats = args.TakeWhile(a => !a.StartsWith('-')).ToArray();
        var options = args.Skip(formats.Length).ToArray();
        if (options.Length % 2 != 0)
        {
            Console.Error.WriteLine($"An option lacks its value: {Usage}");
            return 2;
        }
        var plan = new CampaignPlan();
        foreach (var option in options.Chunk(2))
        {
            if (option[0] == "--save")
            {
                plan = plan with { Folder = option[1] };
            }
            else if (!long.TryParse(option[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || plan.With(option[0], number) is not { } with)
            {
                return Misuse($"{option[0]} {option[1]}");
            }
            else
            {
                plan = with;
            }
        }
        var chosen = formats is ["all"] ? FuzzFormat.All : [.. formats.Select(FuzzFormat.Find)];
        Console.WriteLine(Findings.Header);
        var failed = false;
        foreach (var format in chosen)
        {
            var findings = new Campaign(format, plan).Run();
            Console.WriteLine(findings);
            failed |= !findings.AreClean;
        }
        return failed ? 1 : 0;
    }

    private static int Misuse(string what)
    {
        Console.Error.WriteLine($"'{what}' is no option: {Usage}");
        return 2;
    }

    private static int Replay(FuzzFormat format, string file)
    {
        try
        {
            format.Run(file);
            Console.WriteLine("It was read.");
            return 0;
        }
        catch (Exception e)
        {
            Console.WriteLine(e);
            return e is TransferKitException ? 0 : 1;
        }
    }
}
