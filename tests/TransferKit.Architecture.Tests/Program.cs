using Xunit.Runner.InProc.SystemConsole;

namespace TransferKit.Architecture.Tests;

internal static class Program
{
    // With "rooms" it measures the rooms and writes docs/architecture.md; with "nodes" it prints the networks' translations.
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["rooms"]:
                ArchitecturePage.Write();
                foreach (var line in Rooms.Table().Concat([""]).Concat(Budget.Table()))
                    Console.WriteLine(line);
                return 0;
            case ["nodes"]:
                foreach (var line in Translations.All())
                    Console.WriteLine(line);
                return 0;
            default:
                return await ConsoleRunner.Run(args);
        }
    }
}
