using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace TransferKit.Cli;

/// <summary><c>transferkit models</c>: every network, and what a choice between them needs.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var command = new Command("models", "List every network: input size, parameters, features, weight file, and whether it is cached.");
        command.SetAction(_ =>
        {
            var table = new Table().Border(TableBorder.Simple)
                .AddColumns("Name", "Input", "Params", "No top", "Features", "Preprocess", "File without top", "Cached");
            for (var number = 2; number <= 4; number++)
                table.Columns[number].RightAligned();
            foreach (var model in Backbone.All)
            {
                table.AddRow(
                    model.Name, model.InputSize.ToString(), Count(model.Parameters), Count(model.ParametersNoTop), Count(model.Features),
                    model.Preprocess.ToString().ToLowerInvariant(), model.WeightsFileNoTop, Cached(model));
            }
            var console = AnsiConsole.Create(new());
            if (Console.IsOutputRedirected)
                console.Profile.Width = 200;
            console.Write(table);
        });
        return command;
    }

    private static string Cached(BackboneInfo model) => (model.IsCached(includeTop: true), model.IsCached(includeTop: false)) switch
    {
        (true, true) => "both",
        (true, false) => "top",
        (false, true) => "no top",
        _ => "no",
    };

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
