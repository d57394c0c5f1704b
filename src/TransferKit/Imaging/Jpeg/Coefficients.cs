namespace TransferKit.Imaging.Jpeg;

/// <summary>Provides the number of coefficients of a block.</summary>
internal static class Coefficients
{
    public const int Count = 64;
}
