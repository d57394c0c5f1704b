using Onnx;

namespace TransferKit.Onnx.Rewrites;

/// <summary>Reads the attributes of a node. One that is absent has no value.</summary>
internal static class NodeAttributes
{
    public static long? Whole(this NodeProto node, string name) => Find(node, name)?.I;

    public static string? Text(this NodeProto node, string name) => Find(node, name)?.S.ToStringUtf8();

    public static ReadOnlySpan<long> Numbers(this NodeProto node, string name) => Find(node, name)?.Ints.ToArray();

    public static float? Real(this NodeProto node, string name) => Find(node, name)?.F;

    public static ReadOnlySpan<float> Reals(this NodeProto node, string name) => Find(node, name)?.Floats.ToArray();

    private static AttributeProto? Find(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);
}
