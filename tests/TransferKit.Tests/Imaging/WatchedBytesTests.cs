using SkiaSharp;
using TransferKit.Imaging.Pictures;
using TransferKit.Imaging.Skia;

namespace TransferKit.Tests.Imaging;

/// <summary>A native decoder gets no more bytes once its time is over, so that its call ends.</summary>
public class WatchedBytesTests
{
    [Theory]
    [InlineData("images/chelsea.png")]
    [InlineData("images/made_cmyk.jpg")]
    public unsafe void A_decoding_ends_when_its_token_is_cancelled_in_the_midst_of_it(string name)
    {
        var file = File.ReadAllBytes(Goldens.Path(name));
        using var cancel = new CancellationTokenSource();
        fixed (byte* bytes = file)
        {
            var watched = new WatchedBytes(bytes, file.Length);
            using var codec = SKCodec.Create(watched, out var opened);
            Assert.Equal(SKCodecResult.Success, opened);
            watched.Watch(DecodeWatch.Start(name, new(), cancel.Token));
            cancel.Cancel();
            var pixels = new byte[codec.Info.BytesSize];
            fixed (byte* target = pixels)
                Assert.NotEqual(SKCodecResult.Success, codec.GetPixels(codec.Info, (nint)target));
        }
    }

    [Fact]
    public void A_watch_is_over_when_it_would_throw()
    {
        Assert.False(DecodeWatch.Start("a", new(), default).IsOver);
        Assert.False(DecodeWatch.Start("a", new() { Timeout = TimeSpan.FromDays(1) }, default).IsOver);
        using var cancel = new CancellationTokenSource();
        var watch = DecodeWatch.Start("a", new(), cancel.Token);
        cancel.Cancel();
        Assert.True(watch.IsOver);
        var late = DecodeWatch.Start("a", new() { Timeout = TimeSpan.FromTicks(1) }, default);
        SpinWait.SpinUntil(() => late.IsOver);
        Assert.Equal(ImageDecodeError.TimedOut, Assert.Throws<ImageDecodeException>(late.Check).Reason);
    }
}
