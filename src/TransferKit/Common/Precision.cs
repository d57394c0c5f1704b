namespace TransferKit;

/// <summary>Specifies the number format in which a backbone computes and stores its weights.</summary>
public enum Precision
{
    /// <summary>32-bit floats, with Keras' results.</summary>
    Float32,

    /// <summary>
    /// 8-bit integers for processors with integer dot products (AVX-512 VNNI): faster, with a quarter of the weights' memory and features
    /// close to Keras'. It requires a <see cref="BackboneOptions.Calibration"/>.
    /// </summary>
    Int8,

    /// <summary>
    /// 32-bit floats with weights rounded to 16 bits, which must be below 65,520 in magnitude. An exported file is half as large. A loaded
    /// backbone computes the same results as that file, with the speed and memory of <see cref="Float32"/>.
    /// </summary>
    Float16,
}
