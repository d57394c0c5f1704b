using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares a verified download of 500 MB from this machine with curl, and its verification with md5sum and sha256sum, in turn.
/// </summary>
internal static class Download
{
    private const int Pairs = 7;
    private const int Size = 500_000_000;
    private static readonly byte[] Block = MakeBlock();

    /// <summary>Runs the benchmark.</summary>
    /// <param name="folder">The folder of the downloads. Defaults to the system's temporary folder.</param>
    public static void Run(string? folder)
    {
        var cache = Directory.CreateDirectory(
            Path.Combine(folder ?? Path.GetTempPath(), $"transferkit-download-{Environment.ProcessId}")).FullName;
        using var server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["serve"]) { RedirectStandardOutput = true })!;
        try
        {
            var url = new Uri(server.StandardOutput.ReadLine()!);
            Console.WriteLine("| 500 MB from 127.0.0.1 | store, verified, MB/s | curl, MB/s "
                + "| curl, then sync and md5sum or sha256sum, MB/s | ratio to curl | ratio to curl, sync and sum |");
            Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
            foreach (var algorithm in new[] { "md5", "sha256" })
            {
                var (ours, curls, sums) = (new List<double>(), new List<double>(), new List<double>());
                var target = Path.Combine(cache, "curl.h5");
                for (var pair = -1; pair < Pairs; pair++)
                {
                    var entry = new CatalogEntry
                    {
                        File = "store.h5",
                        Url = url.AbsoluteUri,
                        Algorithm = algorithm,
                        Hash = HashOfFile(algorithm),
                    };
                    var store = new WeightStore(new() { CacheDirectory = cache, Offline = false });
                    var a = Speed(() => store.EnsureAsync(entry, null, null, default).GetAwaiter().GetResult());
                    var b = Speed(() => Command("curl", "-s", "-o", target, url.AbsoluteUri));
                    var c = Size / 1e6 / (Size / 1e6 / b + Size / 1e6 / Speed(() =>
                    {
                        Command("sync", target);
                        Command($"{algorithm}sum", target);
                    }));
                    foreach (var file in Directory.GetFiles(cache))
                        File.Delete(file);
                    if (pair < 0)
                        continue;
                    ours.Add(a);
                    curls.Add(b);
                    sums.Add(c);
                }
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {algorithm} | {Median(ours):0} | {Median(curls):0} | {Median(sums):0} "
                    + $"| {Median(ours.Zip(curls, (o, t) => o / t)):0.00} | {Median(ours.Zip(sums, (o, t) => o / t)):0.00} |"));
            }
        }
        finally
        {
            server.Kill();
            Directory.Delete(cache, recursive: true);
        }
    }

    public static void Verify(string? folder)
    {
        var path = Path.Combine(folder ?? Path.GetTempPath(), $"transferkit-verify-{Environment.ProcessId}.h5");
        using (var file = File.Create(path))
            WriteAll(file);
        Console.WriteLine("| verifying 500 MB | store, MB/s | md5sum or sha256sum, MB/s | ratio |");
        Console.WriteLine("| --- | --- | --- | --- |");
        foreach (var algorithm in new[] { "md5", "sha256" })
        {
            var entry =
                new CatalogEntry { File = "v.h5", Url = "http://127.0.0.1", Algorithm = algorithm, Hash = HashOfFile(algorithm) };
            var (ours, sums) = (new List<double>(), new List<double>());
            for (var pair = -1; pair < Pairs; pair++)
            {
                var a = Speed(() => Verification.Verify(entry, path, path + ".json", null, CancellationToken.None));
                var b = Speed(() => Command($"{algorithm}sum", path));
                if (pair < 0)
                    continue;
                ours.Add(a);
                sums.Add(b);
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {algorithm} | {Median(ours):0} | {Median(sums):0} | {Median(ours.Zip(sums, (o, t) => o / t)):0.00} |"));
        }
        File.Delete(path);
    }

    /// <summary>Runs the server in a separate process, so that neither client shares its memory. It prints its address.</summary>
    public static void Serve()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/store.h5");
        while (true)
        {
            using var stream = new NetworkStream(listener.AcceptSocket(), ownsSocket: true);
            using var reader = new StreamReader(stream, leaveOpen: true);
            while (!string.IsNullOrEmpty(reader.ReadLine()))
            {
            }
            try
            {
                stream.Write(
                    Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Size}\r\nETag: \"1\"\r\nConnection: close\r\n\r\n"));
                WriteAll(stream);
            }
            catch (IOException)
            {
                // The client disconnected.
            }
        }
    }

    private static void WriteAll(Stream stream)
    {
        for (var left = Size; left > 0; left -= Block.Length)
            stream.Write(Block, 0, Math.Min(left, Block.Length));
    }

    private static string HashOfFile(string algorithm)
    {
        using var hash = new RunningHash(algorithm);
        for (var left = Size; left > 0; left -= Block.Length)
            hash.Append(Block.AsSpan(0, Math.Min(left, Block.Length)));
        return hash.Finish().Split(':')[1];
    }

    private static byte[] MakeBlock()
    {
        var block = new byte[1 << 20];
        new Random(1).NextBytes(block);
        FileSignature.Hdf5Signature.CopyTo(block);
        return block;
    }

    private static double Speed(Action work)
    {
        var clock = Stopwatch.StartNew();
        work();
        return Size / 1e6 / clock.Elapsed.TotalSeconds;
    }

    private static double Median(IEnumerable<double> values) => SideBySide.Speed.Median(values);

    private static void Command(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} exits with {process.ExitCode}.");
    }
}
