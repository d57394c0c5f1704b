namespace TransferKit.Operators;

/// <summary>The number of parts that a whole number is divided into, the last of which may be smaller.</summary>
internal static class Quotient
{
    public static int RoundedUp(int number, int divisor) => (number + divisor - 1) / divisor;
}
