using TransferKit.Common;

namespace TransferKit.Tests.Common;

/// <summary>Tests the count of cores on copies of Linux' files, as machines of several kinds have them.</summary>
public sealed class ProcessorCoresTests : IDisposable
{
    private readonly string _devices = Directory.CreateTempSubdirectory("transferkit-cores-").FullName;
    private readonly string _status;

    public ProcessorCoresTests() => _status = Path.Combine(_devices, "status");

    public void Dispose() => Directory.Delete(_devices, recursive: true);

    [Theory]
    [InlineData("0-15", 16, 8)]
    [InlineData("0-7", 8, 8)]
    [InlineData("8-15", 8, 8)]
    [InlineData("3,11", 2, 1)]
    [InlineData("0-2,8,9,15", 6, 4)]
    [InlineData("0-15", 3, 3)]
    public void Two_processors_of_a_core_count_once_if_the_process_may_use_both(string allowed, int processors, int cores)
    {
        Write("smt/active", "1\n");
        for (var i = 0; i < 16; i++)
            Write($"cpu{i}/topology/thread_siblings_list", $"{i % 8},{i % 8 + 8}\n");
        Write("status", $"Name:\ttransferkit\nCpus_allowed:\tffff\nCpus_allowed_list:\t{allowed}\nMems_allowed_list:\t0\n");

        Assert.Equal(cores, ProcessorCores.CountIn(_devices, _status, processors));
    }

    [Fact]
    public void Neighbours_may_share_a_core()
    {
        Write("smt/active", "1");
        for (var i = 0; i < 4; i++)
            Write($"cpu{i}/topology/thread_siblings_list", $"{i / 2 * 2}-{i / 2 * 2 + 1}");
        Write("status", "Cpus_allowed_list:\t0-3");

        Assert.Equal(2, ProcessorCores.CountIn(_devices, _status, 4));
    }

    [Fact]
    public void Every_processor_is_a_core_where_none_shares_one()
    {
        Write("smt/active", "0\n");

        Assert.Equal(6, ProcessorCores.CountIn(_devices, _status, 6));
    }

    [Theory]
    [InlineData("1", null)]
    [InlineData("1", "Cpus_allowed_list:\tall")]
    [InlineData("1", "Cpus_allowed_list:\t")]
    [InlineData("1", "Cpus_allowed_list:\t0-1")]
    [InlineData("1", "State:\tR")]
    [InlineData("", "Cpus_allowed_list:\t0-1")]
    [InlineData(null, null)]
    public void Every_processor_is_a_core_where_the_system_does_not_tell(string? active, string? status)
    {
        if (active is not null)
            Write("smt/active", active);
        if (status is not null)
            Write("status", status);

        Assert.Equal(6, ProcessorCores.CountIn(_devices, _status, 6));
    }

    [Fact]
    public void This_process_has_as_many_cores_as_processors_or_fewer() =>
        Assert.InRange(ProcessorCores.Count, 1, Environment.ProcessorCount);

    private void Write(string name, string text)
    {
        var path = Path.Combine(_devices, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
