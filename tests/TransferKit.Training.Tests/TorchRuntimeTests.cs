namespace TransferKit.Training.Tests;

public class TorchRuntimeTests
{
    [Fact]
    public void Libtorch_loads_here_whatever_the_age_of_libstdcpp() => TorchRuntime.Ensure();

    [Fact]
    public void An_old_libstdcpp_is_named_with_the_remedy() => Assert.Contains(
        "TransferKitMendLibTorchSharp=always",
        TorchRuntime.Explain(new DllNotFoundException("/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found")),
        StringComparison.Ordinal);

    [Fact]
    public void A_missing_native_package_is_named() => Assert.Contains(
        "TorchSharp-cpu", TorchRuntime.Explain(new DllNotFoundException("LibTorchSharp")), StringComparison.Ordinal);
}
