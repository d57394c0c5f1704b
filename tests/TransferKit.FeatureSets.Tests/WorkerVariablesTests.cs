namespace TransferKit.FeatureSets.Tests;

public class WorkerVariablesTests
{
    [Theory]
    [InlineData("3/8", "SLURM_ARRAY_TASK_ID", null, "SLURM_ARRAY_TASK_ID=4", "SLURM_ARRAY_TASK_MIN=1", "SLURM_ARRAY_TASK_COUNT=8")]
    [InlineData(
        "3/8", "SLURM_ARRAY_TASK_ID", null, "SLURM_ARRAY_TASK_ID=6", "SLURM_ARRAY_TASK_MIN=0", "SLURM_ARRAY_TASK_COUNT=8",
        "SLURM_ARRAY_TASK_STEP=2")]
    [InlineData("0/8", "JOB_COMPLETION_INDEX", 8, "JOB_COMPLETION_INDEX=0")]
    [InlineData("7/8", "AWS_BATCH_JOB_ARRAY_INDEX", 8, "AWS_BATCH_JOB_ARRAY_INDEX=7")]
    [InlineData("2/5", "CLOUD_RUN_TASK_INDEX", null, "CLOUD_RUN_TASK_INDEX=2", "CLOUD_RUN_TASK_COUNT=5")]
    [InlineData("2/5", "AZ_BATCH_TASK_ID", 5, "AZ_BATCH_TASK_ID=2")]
    [InlineData(null, null, 5, "AZ_BATCH_TASK_ID=prepare")]
    [InlineData(null, null, null)]
    public void The_number_of_a_worker_is_taken_from_the_scheduler(string? worker, string? variable, int? count, params string[] variables)
    {
        var values = variables.Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);

        var found = ShardWorker.FromEnvironment(count, out var name, values.GetValueOrDefault);

        Assert.Equal((worker, variable), (found?.ToString(), name));
    }

    [Theory]
    [InlineData("--workers", null, "JOB_COMPLETION_INDEX=0")]
    [InlineData("'x'", 8, "JOB_COMPLETION_INDEX=x")]
    public void An_index_without_a_count_or_a_number_is_refused(string says, int? count, params string[] variables)
    {
        var values = variables.Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);

        var error = Assert.Throws<FormatException>(() => ShardWorker.FromEnvironment(count, out _, values.GetValueOrDefault));

        Assert.Contains(says, error.Message);
    }

    [Theory]
    [InlineData("3"), InlineData("a/b"), InlineData("-1/4"), InlineData("1/2/3"), InlineData("")]
    public void Text_that_is_no_worker_is_refused(string text) => Assert.Throws<FormatException>(() => ShardWorker.Parse(text));
}
