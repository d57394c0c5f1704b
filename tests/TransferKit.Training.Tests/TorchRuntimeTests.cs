namespace TransferKit.Training.Tests;

public class TorchRuntimeTests
{
    [Fact]
    public void Libtorch_loads_here_whatever_the_age_of_libstdcpp() => TorchRuntime.Ensure();

    [Fact]
    public void An_old_libstdcpp_is_named_with_the_remedy() => Assert.Contains(
        "<TransferKitMendLibTorchSharp>auto<",
        TorchRuntime.Explain(new DllNotFoundException("/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found")),
        StringComparison.Ordinal);

    [Fact]
    public void A_device_that_is_not_there_is_named_in_one_line()
    {
        Assert.SkipWhen(TorchSharp.torch.cuda.is_available(), "There is a GPU.");
        var e = Assert.Throws<TorchUnavailableException>(() => SamplePhotos.Model(["a", "b"], device: "cuda:0"));
        Assert.Contains("no device 'cuda:0'", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_missing_native_package_is_named() => Assert.Contains(
        "TorchSharp-cpu", TorchRuntime.Explain(new DllNotFoundException("LibTorchSharp")), StringComparison.Ordinal);
}
