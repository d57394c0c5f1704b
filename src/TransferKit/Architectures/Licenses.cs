namespace TransferKit.Architectures;

/// <summary>
/// The licences of Keras' ImageNet weights. The manual of Keras 2.3 states them for its families. For MobileNetV3 and both
/// EfficientNets, Keras states none.
/// </summary>
internal static class Licenses
{
    private const string KerasManual = "https://github.com/keras-team/keras/blob/2.3.1/docs/templates/applications.md";

    public static WeightsLicense Apache { get; } = new("Apache-2.0", KerasManual);
    public static WeightsLicense Bsd { get; } = new("BSD", KerasManual);
    public static WeightsLicense Bsd3 { get; } = new("BSD-3-Clause", KerasManual);
    public static WeightsLicense CreativeCommons { get; } = new("CC-BY-4.0", KerasManual);
    public static WeightsLicense Mit { get; } = new("MIT", KerasManual);
}
