namespace TransferKit;

/// <summary>How the range of numbers that bytes stand for follows from what calibration saw.</summary>
public enum CalibrationMethod
{
    /// <summary>All that was seen, from the least to the greatest number.</summary>
    MinMax,

    /// <summary>All but a ten-thousandth at each end.</summary>
    Percentile,

    /// <summary>The range whose bytes lose the least information about how the numbers are distributed.</summary>
    Entropy,
}
