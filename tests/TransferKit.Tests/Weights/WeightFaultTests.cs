using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using TransferKit.WeightSources.Store;
using static TransferKit.Tests.WeightSources.FileServer;

namespace TransferKit.Tests.WeightSources;

/// <summary>
/// Tests a table of faults. Each ends with the right file or with an error that says what to do; other tests of the store
/// check the details.
/// </summary>
public sealed class WeightFaultTests : StoreFixture
{
    private static readonly byte[] Flipped = Changed(c => c[200_000] ^= 1);

    private static readonly (string Fault, bool EndsWell, Func<WeightFaultTests, Task<VerifiedFile>> Make)[] Faults =
    [
        ("connection refused", false, t => t.EnsureAsync(Entry(ClosedPort()), t.Options(maxTries: 2))),
        ("reset in the middle", true, t => t.From(Partly(Content, 100_000, Reset), Good(Content))),
        ("reset before the first byte", true, t => t.From(Reset, Good(Content))),
        ("stalled", true, t => t.From(Partly(Content, 100_000, Stall), Good(Content))),
        ("stalled for good", false, t => t.From(Stall)),
        ("slow", true, t => t.From(Good(Content, bytesPerPiece: 30_000, pause: 50))),
        ("truncated, with Content-Length", true, t => t.From(Partly(Content, 100_000, End), Good(Content))),
        ("truncated, without Content-Length", true, t => t.From(Partly(Content, 100_000, End, length: false), Good(Content))),
        ("wrong content of the right length, once", true, t => t.From(Good(Flipped), Good(Content, "\"v2\""))),
        ("wrong content of the right length, always", false, t => t.From(Good(Flipped))),
        ("404", false, t => t.From(Status(404))),
        ("403", false, t => t.From(Status(403))),
        ("429 with Retry-After, then the file", true, t => t.From(Status(429, "1"), Good(Content))),
        ("500, then the file", true, t => t.From(Status(500), Good(Content))),
        ("500 for good", false, t => t.From(Status(500))),
        ("redirect to another host", true, t => t.Redirected(url => new UriBuilder(url) { Host = "localhost" }.Uri)),
        ("redirects in a loop", false, t => t.Redirected(_ => null)),
        (
            "Range ignored: 200 in place of 206", true,
            t => t.From(Partly(Content, 100_000, Reset), Partly(Content, int.MaxValue, End, ranges: false))),
        ("changed between tries: another ETag", true, t => t.From(Partly(Flipped, 100_000, Reset), Good(Content, "\"v2\""))),
        ("a login page in place of the file", false, t => t.From(Page)),
        ("a certificate that nobody trusts", false, t => t.Untrusted()),
        (
            "a link out of the cache in the partial file's place", true,
            t => t.Cached(() => File.CreateSymbolicLink(t.Target + ".part", t.Outside()))),
        (
            "a link out of the cache in the lock's place", true,
            t => t.Cached(() => File.CreateSymbolicLink(t.Target + ".lock", t.Outside()))),
        ("a disk that fills up", false, t => t.FullDisk()),
        ("a folder that cannot be written", false, t => t.ReadOnlyFolder()),
        ("a file where the folder should be", false, t => t.Cached(() => File.WriteAllText(t.Cache, ""), folder: false)),
        ("cached file truncated", true, t => t.Cached(() => File.WriteAllBytes(t.Target, Content[..^1]))),
        ("cached file with a flipped bit", true, t => t.Cached(() => File.WriteAllBytes(t.Target, Flipped))),
        (
            "cached file replaced by a folder", true,
            t => t.Cached(() => Directory.CreateDirectory(System.IO.Path.Combine(t.Target, "inside")))),
        ("cached file replaced by a link out of the cache", true, t => t.Cached(() => File.CreateSymbolicLink(t.Target, t.Outside()))),
        ("8 processes at once", true, t => t.EightProcesses()),
        ("a process killed in the middle, by kill -9", true, t => t.Killed()),
    ];

    private const int Rounds = 2;

    [Fact]
    public async Task Every_fault_ends_with_the_right_file_or_with_an_error_that_says_what_to_do()
    {
        var table = new StringBuilder().AppendLine().AppendLine($"{"fault",-50} {"right file",12} {"typed error",12} {"wrong file",12}");
        foreach (var (fault, endsWell, make) in Faults)
        {
            var (right, errors, wrong) = (0, 0, 0);
            for (var round = 0; round < Rounds; round++)
            {
                CachePaths.Delete(Cache);
                CachePaths.Delete(Cache + "-outside");
                try
                {
                    var file = await make(this);
                    if (IsRight(file.Path))
                        right++;
                    else
                        wrong++;
                }
                catch (TransferKitException e)
                {
                    Assert.Contains(Target, e.Message);
                    Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(Content)), e.Message);
                    if (!File.Exists(Target) || IsRight(Target))
                        errors++;
                    else
                        wrong++;
                }
            }
            table.AppendLine($"{fault,-50} {right,12} {errors,12} {wrong,12}");
            Assert.True((endsWell ? right : errors) == Rounds, table.ToString());
        }
        TestContext.Current.SendDiagnosticMessage("{0}", table);
        TestContext.Current.TestOutputHelper!.WriteLine(table.ToString());
    }

    public override void Dispose()
    {
        if (_mounted)
            Run("umount", Cache);
        base.Dispose();
    }

    private bool _mounted;

    private static bool IsRight(string path) => File.ReadAllBytes(path).AsSpan().SequenceEqual(Content);

    private async Task<VerifiedFile> From(params RequestDelegate[] answers)
    {
        await using var server = await StartAsync(answers);
        return await EnsureAsync(Entry(server.Url), Options(stallSeconds: 0.5));
    }

    private async Task<VerifiedFile> Redirected(Func<Uri, Uri?> target)
    {
        await using var server = await StartAsync(Good(Content));
        Uri? self = null;
        await using var redirecting = await StartAsync(Redirect(() => (target(server.Url) ?? self!).AbsoluteUri));
        self = redirecting.Url;
        return await EnsureAsync(Entry(redirecting.Url));
    }

    private async Task<VerifiedFile> Untrusted()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var loaded = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        await using var server = await StartAsync(loaded, Good(Content));
        return await EnsureAsync(Entry(server.Url));
    }

    private async Task<VerifiedFile> Cached(Action damage, bool folder = true)
    {
        if (folder)
            Directory.CreateDirectory(Cache);
        damage();
        var file = await From(Good(Content));
        if (File.Exists(Cache + "-outside"))
            Assert.Equal(Flipped, File.ReadAllBytes(Cache + "-outside"));
        return file;
    }

    // The store must not change this file outside the cache.
    private string Outside()
    {
        File.WriteAllBytes(Cache + "-outside", Flipped);
        return Cache + "-outside";
    }

    // Root can mount a small file system. Other users limit the size of files of a child process.
    private async Task<VerifiedFile> FullDisk()
    {
        await using var server = await StartAsync(Good(Content));
        if (Mount("size=200k"))
            return await OnMount(() => EnsureAsync(Entry(server.Url)));
        return await InProcesses(FetchProcess.Start(Cache, Entry(server.Url), largestFile: 200));
    }

    // Permissions do not bind root, and only root can mount.
    private async Task<VerifiedFile> ReadOnlyFolder()
    {
        await using var server = await StartAsync(Good(Content));
        if (Mount("ro"))
            return await OnMount(() => EnsureAsync(Entry(server.Url)));
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            CachePaths.Delete(Cache);
            return await Cached(() => File.WriteAllText(Cache, ""), folder: false);
        }
        Directory.CreateDirectory(Cache);
        File.SetUnixFileMode(Cache, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            return await EnsureAsync(Entry(server.Url));
        }
        finally
        {
            File.SetUnixFileMode(Cache, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private async Task<VerifiedFile> EightProcesses()
    {
        await using var server = await StartAsync(Good(Content, bytesPerPiece: 30_000, pause: 20));
        var file = await InProcesses([.. Enumerable.Range(0, 8).Select(_ => FetchProcess.Start(Cache, Entry(server.Url)))]);
        Assert.Equal(1, server.Requests);
        return file;
    }

    private async Task<VerifiedFile> Killed()
    {
        await using var server = await StartAsync(Good(Content, bytesPerPiece: 10_000, pause: 20));
        using (var process = FetchProcess.Start(Cache, Entry(server.Url)))
        {
            while (server.Requests == 0 && !process.HasExited)
                await Task.Delay(5, Token);
            await Task.Delay(Random.Shared.Next(300), Token);
            process.Kill();
            await process.WaitForExitAsync(Token);
        }
        return await InProcesses(FetchProcess.Start(Cache, Entry(server.Url)));
    }

    // The exception of a child process counts as thrown here.
    private async Task<VerifiedFile> InProcesses(params Process[] processes)
    {
        foreach (var process in processes)
        {
            using (process)
            {
                var error = await process.StandardError.ReadToEndAsync(Token);
                await process.WaitForExitAsync(Token);
                if (error.StartsWith("TransferKit.WeightsUnavailableException", StringComparison.Ordinal))
                    throw WeightsUnavailableException.Absent(Entry(ClosedPort()), Target, error);
                Assert.True(process.ExitCode == 0, error);
            }
        }
        return new VerifiedFile(Target, "");
    }

    private async Task<VerifiedFile> OnMount(Func<Task<VerifiedFile>> work)
    {
        try
        {
            return await work();
        }
        finally
        {
            _mounted = Run("umount", Cache) != 0;
        }
    }

    private bool Mount(string options)
    {
        Directory.CreateDirectory(Cache);
        return _mounted = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", Cache) == 0;
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private static async Task Page(HttpContext context)
    {
        context.Response.ContentType = "text/html";
        await context.Response.WriteAsync("<!DOCTYPE html><html><body>Please log in</body></html>");
    }

    private static byte[] Changed(Action<byte[]> change)
    {
        var content = (byte[])Content.Clone();
        change(content);
        return content;
    }

    private static Uri ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/weights.h5");
    }
}
