using TransferKit.WeightSources.Hdf5;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Reads Keras' lists of names in HDF5 attributes: one attribute, or <c>layer_names0</c>, <c>layer_names1</c>, … if one would exceed HDF5's
/// limit (Keras: <c>load_attributes_from_hdf5_group</c>).
/// </summary>
internal static class ChunkedAttribute
{
    /// <summary>The limit that Keras sets to the bytes of one attribute, <c>HDF5_OBJECT_HEADER_LIMIT</c>.</summary>
    public const int AttributeLimit = 64512;

    public static bool Exists(Hdf5Group holder, string attribute) =>
        holder.HasAttribute(attribute) || holder.HasAttribute(attribute + "0");

    /// <summary>Reads the names in order; returns none if the attribute is absent or empty.</summary>
    public static string[] Read(Hdf5Group holder, string attribute)
    {
        if (holder.HasAttribute(attribute))
            return holder.Strings(attribute);
        var names = new List<string>();
        for (var part = 0; holder.HasAttribute($"{attribute}{part}"); part++)
            names.AddRange(holder.Strings($"{attribute}{part}"));
        return [.. names];
    }
}
