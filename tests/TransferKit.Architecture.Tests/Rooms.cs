using System.Collections.Immutable;

namespace TransferKit.Architecture.Tests;

/// <summary>A folder of <c>src/TransferKit</c>: its content, and the rooms whose types its own types may mention.</summary>
internal sealed record Room(string Name, string Holds, params ImmutableArray<string> Uses);

/// <summary>The map of <c>src/TransferKit</c>. Every arrow points down: a room uses only rooms above it in the list.</summary>
internal static class Rooms
{
    public static ImmutableArray<Room> All { get; } =
    [
        new("Common", "sizes, enumerations and exceptions of all rooms; atomic files, hashes, pools, random numbers"),
        new("Graph", "layers, shapes, weight slots and Keras' layer order: data without arithmetic"),
        new("Imaging", "decoders, Pillow's resizing, preprocessing, folders of pictures", "Common"),
        new("Architectures", "one file for each family of networks, the registry, papers, licences, published figures", "Common", "Graph"),
        new("Weights", "Keras' weight files: reading, binding, writing; initialisers; the store under `~/.keras/models`",
            "Common", "Graph"),
        new("Operators", "operators of our own for ONNX Runtime: Winograd and depthwise convolution, activations, int8", "Common"),
        new("Onnx", "graph to ONNX: lowering, rewrites, nodes, tensors, files", "Common", "Graph", "Weights", "Operators"),
        new("Engine", "sessions, the cache of compiled models, runs, the owner of the cores",
            "Common", "Graph", "Weights", "Operators", "Onnx"),
        new("Configs", "Keras' configurations of whole models to graphs: layer classes, operators, the weights of nested models",
            "Common", "Graph", "Weights"),
        new("Quantization", "int8: calibration, ranges, the quantised model",
            "Common", "Graph", "Imaging", "Weights", "Onnx", "Engine"),
        new("Backbones", "the front door: `Backbone`, `IBackbone`, options, summaries; trained models, whole Keras models",
            "Common", "Graph", "Imaging", "Architectures", "Weights", "Onnx", "Engine", "Configs", "Quantization"),
        new("Features", "folders of pictures to rows of features, and their files", "Common", "Imaging", "Engine", "Backbones"),
        new("DependencyInjection", "`AddTransferKit`, `AddBackbone`", "Imaging", "Weights", "Backbones"),
    ];

    /// <summary>Gets the table that <c>docs/architecture.md</c> prints.</summary>
    public static IEnumerable<string> Table() =>
    [
        "| room | holds | uses |",
        "| --- | --- | --- |",
        .. All.Select(r => $"| `{r.Name}/` | {r.Holds} | {(r.Uses.IsEmpty ? "–" : string.Join(", ", r.Uses))} |"),
    ];
}
