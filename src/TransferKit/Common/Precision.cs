namespace TransferKit;

/// <summary>In which numbers a backbone computes, and keeps its weights.</summary>
public enum Precision
{
    /// <summary>32-bit floats, as Keras does: the same numbers as Keras'.</summary>
    Float32,

    /// <summary>
    /// Bytes: two to three and a half times as fast on processors with integer dot products (AVX-512 VNNI), a quarter of the weights'
    /// memory, and features that are close to Keras'. It needs a <see cref="BackboneOptions.Calibration"/>.
    /// </summary>
    Int8,

    /// <summary>
    /// 32-bit floats with weights rounded to 16 bits, which keep 11 binary digits: features differ from Keras' by some ten-thousandths. It is for export:
    /// an exported file is half as large. A loaded backbone computes what that file computes, with the speed and memory of <see cref="Float32"/>.
    /// Weights must be below 65,520.
    /// </summary>
    Float16,
}
