using TransferKit.Configs.Reading;
using TransferKit.Graph;

namespace TransferKit.Configs.Classes;

/// <summary>Reads the filters that resize maps.</summary>
internal static class Resizings
{
    public static ResizeFilter Read(string name) => name switch
    {
        "nearest" => ResizeFilter.Nearest,
        "bilinear" => ResizeFilter.Bilinear,
        _ => throw new ConfigException($"has interpolation '{name}'; TransferKit reads 'nearest' and 'bilinear'."),
    };
}
