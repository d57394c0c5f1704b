using Microsoft.ML.OnnxRuntime;
using TransferKit.Common;
using TransferKit.Engine;

namespace TransferKit.Tests.Common;

public class ProcessorLimitTests
{
    [Fact]
    public async Task Sessions_have_as_many_threads_as_a_limited_process_may_use()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.ProcessorCount > 1, "A limit is below the machine's processors, and Linux has it.");

        using var process = ChildProcess.Start(CheckAsync, [], processors: 1);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, error);
    }

    [Fact]
    public void A_process_without_a_limit_leaves_the_number_to_the_engine_if_the_processor_tells_it()
    {
        Assert.SkipUnless(ProcessorLimit.Threads is null, "This process has a limit.");
        using var options = EngineOptions.CreatePlain();

        Assert.Equal(ProcessorCores.AreToldByProcessor ? 0 : ProcessorCores.Count, options.IntraOpNumThreads);
    }

    private static Task CheckAsync(string[] args)
    {
        Assert.Equal(1, ProcessorLimit.Threads);
        using var plain = EngineOptions.CreatePlain();
        using var own = EngineOptions.Create("tiny", GraphOptimizationLevel.ORT_ENABLE_ALL, withCustomOperators: true);
        Assert.Equal((1, 1), (plain.IntraOpNumThreads, own.IntraOpNumThreads));
        return Task.CompletedTask;
    }
}
