using System.CommandLine;
using TransferKit.Common;

namespace TransferKit.Cli;

/// <summary>
/// Runs the command line. An exception becomes one line on standard error and an <see cref="ExitCode"/>.
/// </summary>
internal static class Tool
{
    private static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Print errors with their stack traces.",
        Recursive = true,
    };

    public static async Task<int> RunAsync(string[] args)
    {
        Settings settings;
        try
        {
            settings = Settings.Read();
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return Fail(ExitCode.Of(e), OneLine(e.Message));
        }
        return await RunAsync(CreateRoot(settings), args).ConfigureAwait(false);
    }

    /// <summary>Creates the command <c>transferkit</c> with all commands below it.</summary>
    /// <param name="settings">The defaults of options that the environment and files state.</param>
    public static Command CreateRoot(Settings settings)
    {
        // A RootCommand would have the name of the assembly.
        var root = new Command("transferkit",
            """
            Extract features and predictions of images with Keras' networks and weights.

            Examples:
              transferkit extract photos --out features.npz
              transferkit extract photos --out features/
              transferkit extract photos --backbone xception --interpolation bicubic --recursive --out features.npz
              transferkit predict cat.jpg --backbone resnet50 --top 3
              transferkit summary vgg16
              transferkit bench mobilenet_v2 resnet50 --batch-size 1 8
              transferkit export mobilenet_v2 --alpha 0.35 --no-top --pooling avg --out features.onnx
              transferkit extract photos --backbone resnet50 --precision int8 --calibration photos --out features.npz
              transferkit compare photos --backbone resnet50 --calibration photos
              transferkit learn photos --backbone mobilenet_v2 --out cats.h5
              transferkit similar cat.jpg features/ --top 10
              transferkit explore features/ --pictures photos --out map.html
              transferkit check photos --test test-photos --html report.html
              transferkit explain cat.jpg --backbone mobilenet_v2 --out why.png
              transferkit train photos --backbone mobilenet_v2 --fine-tune-from all --out cats.h5
              transferkit evaluate more-photos --model cats.h5
              transferkit weights pull resnet50 xception --no-top
              transferkit doctor

            Defaults of --backbone, --cache, --mirror and --offline come from TRANSFERKIT_BACKBONE and so on, then from transferkit.json.
            transferkit doctor shows them.

            Exit codes: 0 success, 1 a failure that a retry may mend, 2 misuse, 3 a failure that no retry mends, 130 Ctrl+C.
            """)
        {
            Verbose, GroupedHelp.Create(settings), new VersionOption(),
            ExtractCommand.Create(), PlanCommand.Create(), FeatureCommands.Convert(), FeatureCommands.Merge(), FeatureCommands.Features(),
            PredictCommand.Create(), SummaryCommand.Create(), ModelsCommand.Create(), BenchCommand.Create(), CompareCommand.Create(),
            ExportCommand.Create(), WeightsCommand.Create(), LearnCommand.Create(), SimilarCommand.Create(), ExploreCommand.Create(),
            CheckCommand.Create(), ExplainCommand.Create(), TrainCommand.Create(), EvaluateCommand.Create(), DoctorCommand.Create(settings),
            CompletionCommand.Create(),
        };
        foreach (var option in StoreOptions.All)
            root.Add(option);
        root.Add(CompletionCommand.Complete(root));
        settings.Apply(root);
        return root;
    }

    private static async Task<int> RunAsync(Command root, string[] args)
    {
        var parsed = root.Parse(args);
        if (MistypedOption.Find(parsed, args) is { } mistyped)
            return Fail(ExitCode.Misuse, $"{mistyped} See {CommandTree.Path(parsed.CommandResult)} --help.");
        if (parsed.Errors.Count > 0)
        {
            var errors = OneLine(string.Join(" ", parsed.Errors.Select(e => e.Message)));
            return Fail(ExitCode.Misuse, $"{errors} See {CommandTree.Path(parsed.CommandResult)} --help.");
        }
        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
        };
        try
        {
            return await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Fail(ExitCode.Cancelled, "Cancelled; no incomplete file remains, and the same command continues.");
        }
#pragma warning disable CA1031 // The process ends here, so every exception becomes a message and an exit code.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!parsed.GetValue(Verbose))
                return Fail(ExitCode.Of(e), OneLine(Message(e)));
            // A stack trace has lines, so its messages are escaped one by one.
            Console.Error.WriteLine($"transferkit: {Printable.Of(e)}");
            return ExitCode.Of(e);
        }
    }

    // The BCL appends the name of the parameter, which means nothing on the command line.
    private static string Message(Exception e) =>
        e is not TransferKitException && e.GetBaseException() is DllNotFoundException missing
            ? $"{Cause(missing)} 'transferkit doctor' says what to do."
        : e is ArgumentException { ParamName: { } name }
            ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
            : e.Message;

    /// <summary>Returns the first line of what caused an exception.</summary>
    public static string Cause(Exception e)
    {
        var line = e.GetBaseException().Message.Trim().Split('\n')[0];
        // After its first sentence .NET announces the list of places that it searched for a library, which is on further lines.
        return e.GetBaseException() is DllNotFoundException ? $"{line.Split(". ")[0].TrimEnd('.')}." : line;
    }

    private static string OneLine(string message) =>
        string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static int Fail(int exitCode, string message)
    {
        Terminal.Error($"transferkit: {message}");
        return exitCode;
    }
}
