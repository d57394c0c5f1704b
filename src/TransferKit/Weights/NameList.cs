using PureHDF;

namespace TransferKit.WeightSources;

/// <summary>
/// Keras' lists of names in HDF5 attributes: one attribute, or <c>layer_names0</c>, <c>layer_names1</c>, … where one
/// would pass HDF5's limit (Keras: <c>load_attributes_from_hdf5_group</c>).
/// </summary>
internal static class NameList
{
    /// <summary>Keras' limit on the bytes of one attribute, <c>HDF5_OBJECT_HEADER_LIMIT</c>.</summary>
    public const int AttributeLimit = 64512;

    public static bool Exists(IH5Object holder, string attribute) =>
        holder.AttributeExists(attribute) || holder.AttributeExists(attribute + "0");

    /// <summary>The names in order; none where the attribute is absent or empty.</summary>
    public static string[] Read(IH5Object holder, string attribute)
    {
        if (holder.AttributeExists(attribute))
            return ReadOne(holder.Attribute(attribute));
        var names = new List<string>();
        for (var part = 0; holder.AttributeExists($"{attribute}{part}"); part++)
            names.AddRange(ReadOne(holder.Attribute($"{attribute}{part}")));
        return [.. names];
    }

    private static string[] ReadOne(IH5Attribute attribute)
    {
        if (attribute.Space.Type == H5DataspaceType.Scalar)
            return [attribute.Read<string>()];
        // numpy writes an empty list as zero floats.
        if (attribute.Space.Dimensions.Contains(0UL))
            return [];
        // Attributes lie in a header of at most 64 KB; a damaged length would have PureHDF read for ever.
        var bytes = attribute.Space.Dimensions.Aggregate((double)attribute.Type.Size, (product, d) => product * d);
        if (bytes > 1 << 20)
            throw new InvalidDataException($"its list {attribute.Name} claims a length that no file has");
        return attribute.Read<string[]>();
    }
}
