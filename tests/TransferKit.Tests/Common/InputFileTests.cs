using System.Diagnostics;
using TransferKit.Common;
using TransferKit.Quantization;
using TransferKit.WeightSources;
using TransferKit.WeightSources.Store;

namespace TransferKit.Tests.Common;

/// <summary>A path from outside that names no regular file is refused at once: opening a pipe would block until a writer comes.</summary>
public sealed class InputFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-input-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_pipe_is_refused_wherever_a_file_is_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' pipes are no files.");
        var (pipe, link, image) = (Pipe("weights.h5"), FilePath("link.h5"), Pipe("photo.jpg"));
        File.CreateSymbolicLink(link, pipe);
        File.WriteAllBytes(FilePath("model.h5"), []);
        Pipe("model.h5.json");
        var fitting = new ImageLoadOptions().FittingTo(new(8, 8));

        await Refused<SpecialFileException>(() => InputFile.Open(pipe));
        await Refused<SpecialFileException>(() => InputFile.Open(link));
        await Refused<WeightsUnavailableException>(() => Backbone.Load("mobilenet_v2", new() { Weights = Weights.File(pipe) }));
        await Refused<TrainedModelException>(() => TrainedModel.Load(FilePath("model.h5")));
        await Refused<ImageDecodeException>(() => fitting.LoadListed(image));
        await Refused<SpecialFileException>(() => new WeightStore(new() { CacheDirectory = _folder }).ImportAsync(pipe).Wait(Token));
        await Refused<VerificationException>(() => Verification.Verify(WeightCatalog.Files.Values.First(), pipe, pipe, null, Token));
        Assert.Null(JsonFile.Read(pipe, note => note.ToString()));
        Assert.Null(Int8Recipe.TryLoad(pipe, "key"));
        Assert.Throws<NoImagesException>(() => Calibration.Folder(_folder).Load(new(8, 8), PreprocessMode.None, Token));
    }

    [Fact]
    public void A_device_is_refused()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "This system has no /dev/zero.");
        Assert.Contains("'/dev/zero' is a device", Assert.Throws<SpecialFileException>(() => InputFile.Open("/dev/zero")).Message);
    }

    [Fact]
    public void A_socket_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' sockets are no files.");
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(FilePath("s")));
        Assert.Contains("is a socket", Assert.Throws<SpecialFileException>(() => InputFile.Open(FilePath("s"))).Message);
    }

    [Fact]
    public void The_systems_own_errors_stay_and_their_messages_are_escaped()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' names have no control characters.");
        Directory.CreateDirectory(FilePath("folder\u001b[31m"));
        Exception?[] errors =
        [
            Record.Exception(() => InputFile.Open(FilePath("absent\u001b[31m.h5"))),
            Record.Exception(() => InputFile.Open(FilePath("absent\u001b[31m", "a.h5"))),
            Record.Exception(() => InputFile.Open(FilePath("folder\u001b[31m"))),
            Record.Exception(() => InputFile.OpenMaybePipe(FilePath("absent\u001b[31m.jpg"))),
            Record.Exception(() => InputFile.Open(FilePath(new string('x', 300) + "\u001b[31m"))),
        ];
        Assert.Equal(
            [
                typeof(FileNotFoundException), typeof(DirectoryNotFoundException), typeof(UnauthorizedAccessException),
                typeof(FileNotFoundException), typeof(PathTooLongException),
            ],
            errors.Select(e => e!.GetType() == typeof(IOException) ? typeof(PathTooLongException) : e.GetType()));
        Assert.All(errors, e => Assert.Contains("\\u001B[31m", e!.Message));
        Assert.All(errors, e => Assert.DoesNotContain('\u001b', e!.Message));
        Assert.Null(Assert.Throws<FileNotFoundException>(() => InputFile.Open(FilePath("absent.h5"))).InnerException);
        Assert.Throws<ArgumentException>(() => InputFile.Open("a\0\u001b"));
    }

    [Fact]
    public void A_small_file_has_a_limit()
    {
        File.WriteAllBytes(FilePath("a"), new byte[10]);
        Assert.Equal(10, InputFile.ReadAllBytes(FilePath("a"), 10).Length);
        Assert.Contains("the limit is 9", Assert.Throws<IOException>(() => InputFile.ReadAllBytes(FilePath("a"), 9)).Message);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string FilePath(params string[] parts) => Path.Combine([_folder, .. parts]);

    private string Pipe(string name)
    {
        using var made = Process.Start("mkfifo", [FilePath(name)]);
        made.WaitForExit();
        return FilePath(name);
    }

    private static async Task Refused<T>(Action read) where T : Exception
    {
        // A reader that waits for the pipe would wait forever.
        var reading = Task.Run(() => Record.Exception(read), Token);
        var error = await reading.WaitAsync(TimeSpan.FromSeconds(60), Token);
        error = error is AggregateException all ? all.InnerException : error;
        Assert.Contains("is a pipe", Assert.IsType<T>(error).Message);
    }
}
