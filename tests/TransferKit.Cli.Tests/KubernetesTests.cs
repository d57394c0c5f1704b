using System.Diagnostics;
using System.Globalization;
using k8s;
using k8s.Models;
using TransferKit.Tests;

namespace TransferKit.Cli.Tests;

/// <summary>Checks the manifest and the container of docs/samples/cluster, and runs the container's command under their rules.</summary>
public sealed class KubernetesTests : IDisposable
{
    private static readonly string Samples = Goldens.Path("..", "..", "docs", "samples");
    private static readonly V1Job Job = KubernetesYaml.Deserialize<V1Job>(
        File.ReadAllText(Path.Combine(Samples, "cluster", "job.yaml")), strict: true);

    private readonly Transferkit _tool = new();

    private static V1PodSpec Pod => Job.Spec.Template.Spec;

    private static V1Container Container => Assert.Single(Pod.Containers);

    [Fact]
    public void The_manifest_is_an_indexed_job_whose_workers_are_its_completions()
    {
        Assert.Equal(("batch/v1", "Job", "Indexed"), (Job.ApiVersion, Job.Kind, Job.Spec.CompletionMode));
        Assert.Equal(Job.Spec.Completions, Job.Spec.Parallelism);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"--workers={Job.Spec.Completions}"), Container.Args);
        Assert.True(Job.Spec.BackoffLimitPerIndex > 0);
        Assert.All(Container.VolumeMounts, mount => Assert.Contains(Pod.Volumes, volume => volume.Name == mount.Name));
        Assert.Equal(["cpu", "memory"], Container.Resources.Requests.Keys.Intersect(Container.Resources.Limits.Keys).Order());
    }

    [Fact]
    public void Only_exit_codes_that_no_retry_mends_end_an_index()
    {
        // Kubernetes accepts a failure policy only for pods that it never restarts in place.
        Assert.Equal("Never", Pod.RestartPolicy);
        var (ignored, failed) = (Job.Spec.PodFailurePolicy.Rules[0], Job.Spec.PodFailurePolicy.Rules[1]);
        Assert.Equal(("Ignore", "DisruptionTarget"), (ignored.Action, Assert.Single(ignored.OnPodConditions).Type));
        var codes = failed.OnExitCodes;
        Assert.Equal(("FailIndex", "In", Container.Name), (failed.Action, codes.OperatorProperty, codes.ContainerName));
        Assert.Equal([ExitCode.Misuse, ExitCode.Permanent], codes.Values);
    }

    [Fact]
    public void The_pod_has_no_rights_that_it_does_not_need_and_the_container_has_the_same_user()
    {
        var pod = Pod.SecurityContext;
        Assert.Equal((true, 65532, false), (pod.RunAsNonRoot, pod.RunAsUser, Pod.AutomountServiceAccountToken));
        var security = Container.SecurityContext;
        Assert.Equal((true, false), (security.ReadOnlyRootFilesystem, security.AllowPrivilegeEscalation));
        Assert.Equal(["ALL"], security.Capabilities.Drop);
        var recipe = Recipe();
        Assert.Contains("USER 65532:65532", recipe);
        Assert.Contains($"ENTRYPOINT [\"dotnet\", \"/app/{Path.GetFileName(typeof(Tool).Assembly.Location)}\"]", recipe);
        Assert.DoesNotContain(recipe, line => line.StartsWith("FROM ", StringComparison.Ordinal) && line.Contains('.'));
    }

    [Fact]
    public async Task The_command_of_the_container_runs_as_a_user_with_a_read_only_home()
    {
        Assert.SkipUnless(
            Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv") && await CanMountAsync(),
            "The test needs root, setpriv and the right to mount.");
        foreach (var folder in new[] { "pictures", "features", "tmp", "weights" })
            Directory.CreateDirectory(_tool.File(folder));
        foreach (var picture in Directory.GetFiles(Path.Combine(Samples, "pictures")))
            File.Copy(picture, _tool.File("pictures", Path.GetFileName(picture)));

        foreach (var index in (int[])[1, 0])
        {
            var (exitCode, error) = await RunInContainerAsync(index);
            Assert.True(exitCode == 0, error);
            Assert.Contains($"worker {index}/2, by JOB_COMPLETION_INDEX", error);
        }

        var merge = _tool.Run("merge", "features");
        Assert.Equal((0, "features is complete: 4 files, 4 with features, 0 failures\n"), (merge.ExitCode, merge.Out));
        Assert.Empty(Directory.GetFileSystemEntries(_tool.File("weights")));
    }

    // A mount namespace in which all is read-only but the volumes, as in the pod.
    private async Task<(int ExitCode, string Error)> RunInContainerAsync(int index)
    {
        const string Isolated = """
            set -e
            cd "$0"
            chmod 755 . && chown 65532:65532 features
            mount --bind features features
            mount -t tmpfs -o mode=1777 tmpfs tmp
            mount -o remount,bind,ro /
            exec setpriv --reuid 65532 --regid 65532 --clear-groups --no-new-privs --bounding-set -all env -i "$@"
            """;
        var home = _tool.File();
        // The network of the manifest needs a download; the default one has its weights in the tool.
        var arguments = Container.Args.Where(a => a != "--backbone=resnet50")
            .Select(a => a.Replace("=16", "=2", StringComparison.Ordinal)
                .Replace("/pictures", Path.Combine(home, "pictures"), StringComparison.Ordinal)
                .Replace("/features/", Path.Combine(home, "features/"), StringComparison.Ordinal));
        var variables = Assert.Single(Recipe(), line => line.StartsWith("ENV ", StringComparison.Ordinal)).Split(' ')[1..]
            .Select(v => v.Replace("=/", $"={home}/", StringComparison.Ordinal));
        using var process = Process.Start(new ProcessStartInfo("unshare",
        [
            "--mount", "--propagation", "private", "sh", "-c", Isolated, home, .. variables, $"HOME={home}", $"TMPDIR={home}/tmp",
            $"PATH={Environment.GetEnvironmentVariable("PATH")}", $"JOB_COMPLETION_INDEX={index}",
            "dotnet", typeof(Tool).Assembly.Location, .. arguments,
        ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await error);
    }

    private static string[] Recipe() => File.ReadAllLines(Path.Combine(Samples, "cluster", "Dockerfile"));

    private static async Task<bool> CanMountAsync()
    {
        if (!File.Exists("/usr/bin/unshare"))
            return false;
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
        {
            RedirectStandardError = true,
        })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    public void Dispose() => _tool.Dispose();
}
