namespace TransferKit;

/// <summary>In which numbers a backbone computes.</summary>
public enum Precision
{
    /// <summary>32-bit floats, as Keras does: the same numbers as Keras'.</summary>
    Float32,

    /// <summary>
    /// Bytes: two to three and a half times as fast on processors with integer dot products (AVX-512 VNNI), a quarter of the weights'
    /// memory, and features that are close to Keras'. It needs a <see cref="BackboneOptions.Calibration"/>.
    /// </summary>
    Int8,
}
