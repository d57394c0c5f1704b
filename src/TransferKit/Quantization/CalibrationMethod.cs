namespace TransferKit;

/// <summary>Specifies how calibration determines the range of numbers that bytes represent. Numbers outside are clipped.</summary>
public enum CalibrationMethod
{
    /// <summary>The range from the smallest to the largest observed number.</summary>
    MinMax,

    /// <summary>The range without the outermost ten-thousandth of the observed numbers at each end.</summary>
    Percentile,

    /// <summary>The range whose bytes lose the least information about the distribution of the observed numbers.</summary>
    Entropy,
}
