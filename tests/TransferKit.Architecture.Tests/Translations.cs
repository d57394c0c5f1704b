using System.Security.Cryptography;
using Google.Protobuf;
using TransferKit.Architectures;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;

namespace TransferKit.Architecture.Tests;

/// <summary>
/// The ONNX nodes of every network, with the top and without, each as a hash. A refactoring leaves the list as it is; a change
/// of the translation shows itself in it.
/// </summary>
internal static class Translations
{
    public static IEnumerable<string> All() =>
        from architecture in Registry.All
        from includeTop in new[] { true, false }
        select $"{architecture.Name} {(includeTop ? "top" : "notop")} {Hash(architecture, includeTop)}";

    private static string Hash(Architectures.Architecture architecture, bool includeTop)
    {
        var build = new BuildOptions
        {
            InputSize = architecture.DefaultSize,
            IncludeTop = includeTop,
            Pooling = includeTop ? Pooling.None : Pooling.Avg,
        };
        var graph = architecture.Build(build);
        var model = OnnxWriter.Translate(graph, [graph.Output], InputForm.Planar);
        return Convert.ToHexStringLower(SHA256.HashData(model.Proto.ToByteArray()))[..16];
    }
}
