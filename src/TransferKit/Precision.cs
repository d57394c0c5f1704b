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
    /// 32-bit floats with weights of 16 bits, which keep 11 binary digits: features differ from Keras' by some ten-thousandths. An exported file is half
    /// as large. A loaded backbone keeps large <c>Dense</c> layers so, VGG's <c>fc1</c> and <c>fc2</c> and classifiers: half their memory, and for one image less
    /// time; convolutions, for which the engine wants 32 bits, stay as they are. Weights must be below 65,520, those of <c>Dense</c> layers below 255.9.
    /// </summary>
    Float16,
}
